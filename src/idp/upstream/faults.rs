//! What goes wrong at an upstream, on command: each fault by name, for one kind of listing, so many times.

/// What a request asks an upstream for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asked {
    Token,
    Users,
    User,
    Groups,
    Group,
    Members,
    OrgUnits,
    Schemas,
    Report,
    File,
    /// Nothing that this upstream has.
    Nothing,
}

impl Asked {
    pub const ALL: &[(&str, Self)] = &[
        ("token", Self::Token),
        ("users", Self::Users),
        ("user", Self::User),
        ("groups", Self::Groups),
        ("group", Self::Group),
        ("members", Self::Members),
        ("orgunits", Self::OrgUnits),
        ("schemas", Self::Schemas),
        ("report", Self::Report),
        ("file", Self::File),
    ];

    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, asked)| *asked == self).map_or("nothing", |(name, _)| name)
    }
}

/// One way of going wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// The page is answered 404.
    PageMissing,
    /// The page is left out, and the one before it leads to the one after it.
    PageSkipped,
    /// The page before comes again in its place.
    PageRepeated,
    /// The page's next token is its own.
    TokenLoops,
    /// Access tokens are forgotten, as if an hour had passed.
    TokenExpired,
    /// No token at all: the credentials are refused.
    Refused,
    /// The scopes are not delegated to this client.
    ScopeMissing,
    /// The upstream's clock differs from ours by more than it forgives.
    ClockSkew,
    /// 403 with this reason, as Google says it, and with a Retry-After when there is one.
    Quota {
        reason: String,
        retry_after: Option<u32>,
    },
    Status(u16),
    /// Never answers.
    Stall,
    /// Answers half, and then nothing.
    StallBody,
    /// A few bytes a second.
    Trickle,
    /// Goes on for 10 GB.
    Endless,
    /// Half of the body, whole as HTTP.
    Truncated,
    /// Half of the body, and the connection is closed.
    Cut,
    /// 200 without a body.
    Empty,
    /// 200, well formed, and nobody in it.
    EmptyListing,
    /// A report's or file's column has another name.
    RenamedColumn {
        column: String,
        to: String,
    },
    /// Somebody stands in it twice, with other data.
    DuplicateIds,
    /// Somebody stands in it twice, the same.
    DuplicateRows,
    /// The rows come in another order.
    Reordered,
    /// HTML, as a login page is.
    WrongType,
    Garbage,
    /// 302 to this place.
    Redirect(String),
    /// So many people are left out, and whatever tells the total agrees.
    Absent(usize),
}

/// A fault that is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub kind: FaultKind,
    /// Everything, when it is none.
    pub on: Option<Asked>,
    /// Only this page of a listing, the first being 1.
    pub page: Option<usize>,
    /// How often it still happens; for ever, when it is none.
    pub times: Option<u32>,
}

/// The faults in force, the first that fits wins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

impl Faults {
    pub fn new(faults: Vec<Fault>) -> Self {
        Self(faults)
    }

    pub fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// The fault that this request meets; it is used up by one.
    pub fn take(&mut self, asked: Asked, page: usize) -> Option<FaultKind> {
        let fits = |fault: &Fault| {
            fault.on.is_none_or(|on| on == asked) && fault.page.is_none_or(|wanted| wanted == page)
        };
        let at = self.0.iter().position(fits)?;
        let kind = self.0[at].kind.clone();
        if let Some(times) = &mut self.0[at].times {
            *times = times.saturating_sub(1);
            if *times == 0 {
                self.0.remove(at);
            }
        }
        Some(kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(kind: FaultKind, on: Option<Asked>, page: Option<usize>, times: Option<u32>) -> Fault {
        Fault { kind, on, page, times }
    }

    #[test]
    fn a_fault_happens_so_many_times_and_no_more() {
        let mut faults = Faults::new(vec![fault(FaultKind::Status(500), Some(Asked::Users), None, Some(2))]);
        assert_eq!(faults.take(Asked::Groups, 1), None);
        assert_eq!(faults.take(Asked::Users, 1), Some(FaultKind::Status(500)));
        assert_eq!(faults.take(Asked::Users, 2), Some(FaultKind::Status(500)));
        assert_eq!(faults.take(Asked::Users, 3), None);
        assert!(faults.is_none());
    }

    #[test]
    fn a_fault_of_a_page_leaves_the_others_alone() {
        let mut faults = Faults::new(vec![fault(FaultKind::PageMissing, None, Some(2), None)]);
        assert_eq!(faults.take(Asked::Users, 1), None);
        assert_eq!(faults.take(Asked::Users, 2), Some(FaultKind::PageMissing));
        assert_eq!(faults.take(Asked::Users, 2), Some(FaultKind::PageMissing));
    }
}
