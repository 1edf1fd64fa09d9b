//! What providers need of a server, each with the reason that holds for all of them.

/// A need that an answer, or the directory at the end, can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Need {
    /// The request is answered with the status that it deserves.
    Status,
    /// An answer at all, within the attempts that the provider makes.
    Answered,
    ContentType,
    JsonBody,
    /// A creation is answered 201 with the resource and its id.
    CreatedBody,
    UsableId,
    ListResponse,
    /// Zero hits are a list, not an error.
    EmptyList,
    NumericLists,
    /// Pages neither repeat nor leave out.
    StablePages,
    ErrorBody,
    /// Asking for a resource gives that resource.
    SameResource,
    /// A filter finds what is there, in whatever case.
    FilterFinds,
    /// A conflict is with somebody who can be found.
    ConflictVisible,
    /// A read shows what was written.
    ReadsBack,
    Deactivated,
    MembersKept,
    MembersPushed,
    GoneAfterDelete,
    Unauthorised,
    SameUsers,
    SameGroups,
    /// The provider gave up and stopped the whole job.
    Quarantine,
}

impl Need {
    pub fn name(self) -> &'static str {
        self.words().0
    }

    /// Why providers need it.
    pub fn reason(self) -> &'static str {
        self.words().1
    }

    /// Whether each occurrence is about another resource, so that they don't add up.
    pub fn is_about_one_resource(self) -> bool {
        matches!(
            self,
            Self::ReadsBack
                | Self::Deactivated
                | Self::MembersKept
                | Self::MembersPushed
                | Self::SameUsers
                | Self::SameGroups
        )
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Status => {
                ("status", "any other status counts as a failure, and the change does not arrive")
            }
            Self::Answered => ("answered", "without an answer the change is tried again, then given up"),
            Self::ContentType => ("content_type", "RFC 7644 §3.1 wants application/scim+json"),
            Self::JsonBody => ("json_body", "the body is parsed; what does not parse is a failure"),
            Self::CreatedBody => {
                ("created_body", "the id of the new resource is taken from the body of the 201")
            }
            Self::UsableId => ("usable_id", "the id is kept and becomes part of later URLs"),
            Self::ListResponse => ("list_response", "a search is always answered with a ListResponse"),
            Self::EmptyList => {
                ("empty_list", "no hit means 200 with totalResults 0 (RFC 7644 §3.4.2), not an error")
            }
            Self::NumericLists => {
                ("numeric_lists", "totalResults, startIndex and itemsPerPage are JSON numbers")
            }
            Self::StablePages => {
                ("stable_pages", "a page that repeats or skips makes users appear or vanish")
            }
            Self::ErrorBody => ("error_body", "the customer's admin sees the detail of the SCIM error body"),
            Self::SameResource => {
                ("same_resource", "the answer is taken for the resource that was asked for")
            }
            Self::FilterFinds => {
                ("filter_finds", "users and groups are matched by a filter, without regard to case")
            }
            Self::ConflictVisible => {
                ("conflict_visible", "an admin can only resolve a 409 with a resource that can be found")
            }
            Self::ReadsBack => ("reads_back", "what a read does not show is sent again and again, or lost"),
            Self::Deactivated => ("deactivated", "a person who left must be inactive, and still be readable"),
            Self::MembersKept => ("members_kept", "memberships are not sent again when a user comes back"),
            Self::MembersPushed => {
                ("members_pushed", "the group must have the members that were pushed, no others")
            }
            Self::GoneAfterDelete => {
                ("gone_after_delete", "after a DELETE both a read and a second DELETE are 404")
            }
            Self::Unauthorised => ("unauthorised", "a wrong token must be answered 401"),
            Self::SameUsers => ("same_users", "at the end both sides have the same users"),
            Self::SameGroups => ("same_groups", "at the end both sides have the same groups and members"),
            Self::Quarantine => {
                ("quarantine", "too many failures: the provider stops the job, and deprovisioning with it")
            }
        }
    }
}
