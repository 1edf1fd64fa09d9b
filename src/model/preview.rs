//! What a dry run would come to: how much the app would get, and what is wrong with it.

/// What activation would write, and what to look at before.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preview {
    /// Users that the app would see.
    pub users_active: u64,
    pub users_inactive: u64,
    pub groups: u64,
    pub memberships: u64,
    /// Events that activation would write.
    pub events: u64,
    pub problems: Vec<PreviewProblem>,
    /// Deviations that were understood, with how many of the newest requests had each.
    pub deviations: Vec<(String, u64)>,
    /// Errors that the provider was answered, by cause.
    pub errors: Vec<(String, u64)>,
}

/// One kind of thing to look at before activation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewProblem {
    pub kind: PreviewProblemKind,
    pub count: u64,
    /// Ids of the first few.
    pub examples: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PreviewProblemKind {
    UsersWithoutEmail,
    DuplicateEmails,
    PendingMembers,
    NoUsers,
    NobodyActive,
}

impl PreviewProblemKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::UsersWithoutEmail => "users_without_email",
            Self::DuplicateEmails => "duplicate_emails",
            Self::PendingMembers => "pending_members",
            Self::NoUsers => "no_users",
            Self::NobodyActive => "nobody_active",
        }
    }

    /// What it means and what to do.
    pub fn words(self) -> &'static str {
        match self {
            Self::UsersWithoutEmail => {
                "these users have no e-mail address for the app: have the provider send one, or change the mapping"
            }
            Self::DuplicateEmails => {
                "several users have the same e-mail address: /access allows that address only if all of them are active"
            }
            Self::PendingMembers => {
                "groups name members that the provider has not sent: assign these users to the application too"
            }
            Self::NoUsers => "the provider has sent no user yet: is anybody assigned to the application?",
            Self::NobodyActive => "no user is active: after activation nobody of this directory has access",
        }
    }
}
