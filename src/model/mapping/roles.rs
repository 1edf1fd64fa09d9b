//! Which roles a user has: by direct membership in groups, by conditions, or by default.

use serde_json::{Map, Value};

use crate::base::text::fold;
use crate::scim::filter::{self, Filter};

/// The rules of a mapping, the highest rank first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Roles {
    pub(super) mode: Mode,
    pub(super) default: Option<String>,
    pub(super) rules: Vec<RoleRule>,
}

/// How many roles a user gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Mode {
    /// That of the first rule that holds.
    #[default]
    Single,
    /// Those of all rules that hold.
    Multiple,
}

impl Mode {
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "single" => Some(Self::Single),
            "multiple" => Some(Self::Multiple),
            _ => None,
        }
    }
}

/// One rule; holds if all that it names does.
#[derive(Debug, Clone, PartialEq)]
pub struct RoleRule {
    pub(super) group: Option<GroupName>,
    pub(super) when: Option<Condition>,
    pub(super) role: String,
}

/// A group as a rule names it: by its name, its idp_id or its id.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct GroupName {
    written: String,
    folded: String,
}

impl GroupName {
    pub fn new(written: &str) -> Self {
        Self { written: written.to_owned(), folded: fold(written) }
    }

    fn is(&self, group: &RoleGroup) -> bool {
        self.written == group.id || self.written == group.idp_id || self.folded == fold(&group.name)
    }
}

/// A SCIM filter over a user.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Condition {
    pub written: String,
    pub filter: Filter,
}

/// A group that somebody is a direct member of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleGroup {
    pub id: String,
    pub idp_id: String,
    pub name: String,
}

/// The roles of somebody, and by which rules.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decided {
    /// Slugs, each once, the highest rank first.
    pub roles: Vec<String>,
    /// Indexes of the rules that gave them; none if it was the default, or nothing.
    pub rules: Vec<usize>,
}

impl Roles {
    pub(super) fn decide(&self, user: &Map<String, Value>, groups: &[RoleGroup]) -> Decided {
        let mut decided = Decided::default();
        for (index, rule) in self.rules.iter().enumerate() {
            if decided.roles.contains(&rule.role) || !rule.holds(user, groups) {
                continue;
            }
            decided.roles.push(rule.role.clone());
            decided.rules.push(index);
            if self.mode == Mode::Single {
                break;
            }
        }
        if decided.roles.is_empty() {
            decided.roles.extend(self.default.clone());
        }
        decided
    }

    /// Whether memberships decide about any role.
    pub fn depend_on_groups(&self) -> bool {
        self.rules.iter().any(|rule| rule.group.is_some())
    }

    /// The rules that a group fulfils.
    pub fn naming(&self, group: &RoleGroup) -> Vec<usize> {
        let is_named = |rule: &RoleRule| rule.group.as_ref().is_some_and(|name| name.is(group));
        self.rules.iter().enumerate().filter(|(_, rule)| is_named(rule)).map(|(index, _)| index).collect()
    }

    pub fn rule(&self, index: usize) -> Option<&RoleRule> {
        self.rules.get(index)
    }
}

impl RoleRule {
    fn holds(&self, user: &Map<String, Value>, groups: &[RoleGroup]) -> bool {
        self.group.as_ref().is_none_or(|name| groups.iter().any(|group| name.is(group)))
            && self.when.as_ref().is_none_or(|condition| filter::matches(&condition.filter, user))
    }

    /// The group that the rule names, as it is written.
    pub fn group(&self) -> Option<&str> {
        self.group.as_ref().map(|group| group.written.as_str())
    }

    /// The rule's condition, as it is written.
    pub fn when(&self) -> Option<&str> {
        self.when.as_ref().map(|condition| condition.written.as_str())
    }

    pub(super) fn filter(&self) -> Option<&Filter> {
        self.when.as_ref().map(|condition| &condition.filter)
    }
}
