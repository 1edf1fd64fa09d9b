//! A decision about users whose deprovisioning is held back.

/// What someone says to a held deprovisioning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HoldDecision {
    /// The app is told.
    Approve,
    /// The app goes on seeing the user as it did, and gives access again.
    Deny,
}

/// What became of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Decided {
    pub users: u64,
    /// Users that still wait for a decision.
    pub remaining: u64,
}
