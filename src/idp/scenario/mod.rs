//! What happens at the fake customer: each scenario is a customer to start with and acts that follow.

mod planner;

use std::time::Duration;

use super::world::{Change, World};
pub use planner::Habits;
use planner::Planner;

/// A story that a fake provider plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scenario {
    Hire,
    Rename,
    EmailChange,
    MoveTeam,
    Leave,
    Rehire,
    GroupRename,
    BigGroup,
    MassOffboard,
    FirstSync,
    Day,
    Lifecycle,
}

/// Everything that happens.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Assigned to the app before the first act.
    pub start: World,
    pub acts: Vec<Act>,
    /// Whether each act is read back at once; long plans are compared at the end alone.
    pub is_checked_on_the_way: bool,
}

/// Changes that the provider sends in one go.
#[derive(Debug, Clone, PartialEq)]
pub struct Act {
    pub title: String,
    pub changes: Vec<Change>,
    /// What passes at the customer before it.
    pub after: Duration,
}

/// People and groups to start with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    pub people: usize,
    pub groups: usize,
}

impl Scenario {
    pub const ALL: [Self; 12] = [
        Self::Hire,
        Self::Rename,
        Self::EmailChange,
        Self::MoveTeam,
        Self::Leave,
        Self::Rehire,
        Self::GroupRename,
        Self::BigGroup,
        Self::MassOffboard,
        Self::FirstSync,
        Self::Day,
        Self::Lifecycle,
    ];

    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scenario| scenario.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Hire => "hire",
            Self::Rename => "rename",
            Self::EmailChange => "email-change",
            Self::MoveTeam => "move-team",
            Self::Leave => "leave",
            Self::Rehire => "rehire",
            Self::GroupRename => "group-rename",
            Self::BigGroup => "big-group",
            Self::MassOffboard => "mass-offboard",
            Self::FirstSync => "first-sync",
            Self::Day => "day",
            Self::Lifecycle => "lifecycle",
        }
    }

    pub fn about(self) -> &'static str {
        match self {
            Self::Hire => "two people begin, one of them in a team",
            Self::Rename => "somebody marries, somebody is promoted",
            Self::EmailChange => "the address and user name change, then only their case",
            Self::MoveTeam => "somebody moves from one team to another, with a new department",
            Self::Leave => "people leave; where the provider does so, one is erased later",
            Self::Rehire => "somebody leaves, comes back, and is in the team again",
            Self::GroupRename => "groups are made, renamed, filled, emptied and deleted",
            Self::BigGroup => "one group with everybody in it, then half of them out and in again",
            Self::MassOffboard => "six of ten people leave at once",
            Self::FirstSync => "everybody and every group for the first time, nothing after it",
            Self::Day => "a mixed working day of eight hours",
            Self::Lifecycle => "all of the small ones, one after the other",
        }
    }

    /// The size unless the user says another.
    pub fn usual_size(self) -> Size {
        match self {
            Self::BigGroup => Size { people: 1_000, groups: 1 },
            Self::MassOffboard => Size { people: 100, groups: 5 },
            Self::FirstSync => Size { people: 500, groups: 20 },
            Self::Day => Size { people: 120, groups: 10 },
            _ => Size { people: 12, groups: 4 },
        }
    }

    /// What happens; the same for the same seed, size and habits.
    pub fn plan(self, seed: u64, size: Size, habits: Habits) -> Plan {
        // The small stories need somebody to happen to.
        let size = match self {
            Self::FirstSync => size,
            _ => Size { people: size.people.max(6), groups: size.groups.max(2) },
        };
        let mut planner = Planner::new(seed, size, habits);
        let start = planner.world().clone();
        match self {
            Self::Hire => planner.hire(),
            Self::Rename => planner.rename(),
            Self::EmailChange => planner.email_change(),
            Self::MoveTeam => planner.move_team(),
            Self::Leave => planner.leave(),
            Self::Rehire => planner.rehire(),
            Self::GroupRename => planner.group_rename(),
            Self::BigGroup => planner.big_group(),
            Self::MassOffboard => planner.mass_offboard(),
            Self::FirstSync => {}
            Self::Day => planner.day(),
            Self::Lifecycle => {
                planner.hire();
                planner.rename();
                planner.email_change();
                planner.move_team();
                planner.leave();
                planner.rehire();
                planner.group_rename();
            }
        }
        let is_long = matches!(self, Self::FirstSync | Self::BigGroup | Self::MassOffboard | Self::Day);
        Plan { start, acts: planner.acts(), is_checked_on_the_way: !is_long }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::idp::world::Departure;

    use super::*;

    const HABITS: Habits = Habits { departure: Departure::Deactivates, erases: true };

    fn end(plan: &Plan) -> World {
        let mut world = plan.start.clone();
        for change in plan.acts.iter().flat_map(|act| &act.changes) {
            world.apply(change, HABITS.departure);
        }
        world
    }

    #[test]
    fn a_plan_repeats_with_its_seed() {
        for scenario in Scenario::ALL {
            let plan = |seed| scenario.plan(seed, scenario.usual_size(), HABITS);
            assert_eq!(plan(5), plan(5), "{}", scenario.name());
            assert_eq!(Scenario::by_name(scenario.name()), Some(scenario));
        }
    }

    #[test]
    fn every_act_changes_something_and_no_name_is_given_twice() {
        for scenario in Scenario::ALL {
            for seed in 0..20 {
                let plan = scenario.plan(seed, scenario.usual_size(), HABITS);
                assert_eq!(plan.acts.is_empty(), scenario == Scenario::FirstSync, "{}", scenario.name());
                let mut world = plan.start.clone();
                for act in &plan.acts {
                    let before = world.clone();
                    act.changes.iter().for_each(|change| world.apply(change, HABITS.departure));
                    let is_back = matches!(act.changes[..], [Change::AddMembers { .. }]);
                    assert!(world != before || is_back, "{} seed {seed}: {}", scenario.name(), act.title);
                }
                let names: BTreeSet<String> =
                    world.people.values().map(|person| person.user_name.to_lowercase()).collect();
                assert_eq!(names.len(), world.people.len(), "{} seed {seed}", scenario.name());
                let names: BTreeSet<String> =
                    world.groups.values().map(|group| group.name.to_lowercase()).collect();
                assert_eq!(names.len(), world.groups.len(), "{} seed {seed}", scenario.name());
            }
        }
    }

    #[test]
    fn six_of_ten_leave_in_the_great_offboarding() {
        let plan = Scenario::MassOffboard.plan(1, Size { people: 50, groups: 2 }, HABITS);
        let world = end(&plan);
        let left =
            world.people.values().filter(|person| person.presence == super::super::world::Presence::Left);
        assert_eq!(left.count(), 30);
    }
}
