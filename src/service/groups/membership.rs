//! What a request does to the members of a group, worked out against the rows before any is written.
//!
//! Only what a request names is looked at, so one member costs the same in a group of ten and of
//! 100,000. A value that names nobody present is kept as pending.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use crate::base::id::GroupId;
use crate::base::limits;
use crate::model::event::{Cause, NewEvent};
use crate::scim::filter::{self, Filter, Operand, Operator};
use crate::scim::patch::MemberChange;
use crate::scim::resource::MemberRef;
use crate::service::changes::Announcer;
use crate::service::users::roles::{refresh_roles, role_group};
use crate::service::users::save::directory_user;
use crate::store::Error;
use crate::store::directory::{DirectoryTransaction, DirectoryView, GroupRow, Member};

use super::save::directory_group;

/// The difference between the members that there are and those that there shall be.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MembershipChange {
    pub added: Vec<Member>,
    pub removed: Vec<Member>,
    pub pending_added: Vec<String>,
    pub pending_removed: Vec<String>,
}

impl MembershipChange {
    /// Whether the provider can see a difference.
    pub fn is_visible(&self) -> bool {
        !self.added.is_empty() || !self.removed.is_empty()
    }

    /// The members of a group that is not there yet.
    pub fn of_new_group(view: &DirectoryView<'_>, members: &[MemberRef]) -> Result<Self, Error> {
        let mut change = Self::default();
        let mut seen = HashSet::new();
        for member in members.iter().filter(|member| seen.insert(member.value.as_str())) {
            match view.resolve_member(&member.value)? {
                Some(present) => change.added.push(present),
                None => change.pending_added.push(member.value.clone()),
            }
        }
        Ok(change)
    }

    /// What a list of operations, in their order, comes to.
    pub fn of_changes(
        view: &DirectoryView<'_>,
        group: GroupId,
        changes: &[MemberChange],
    ) -> Result<Self, Error> {
        let mut editor = Editor { view, group, wanted: HashMap::new(), order: Vec::new(), cleared: false };
        for change in changes {
            match change {
                MemberChange::Add(members) => {
                    members.iter().for_each(|member| editor.set(&member.value, true))
                }
                MemberChange::Remove(values) => values.iter().for_each(|value| editor.set(value, false)),
                MemberChange::RemoveMatching(filter) => editor.remove_matching(filter)?,
                MemberChange::ReplaceAll(members) => editor.replace_all(members),
            }
        }
        editor.finish()
    }
}

/// Members as the operations so far want them, by value.
struct Editor<'v, 'c> {
    view: &'v DirectoryView<'c>,
    group: GroupId,
    wanted: HashMap<String, bool>,
    order: Vec<String>,
    /// Everything that was there before is to go, unless `wanted` says otherwise.
    cleared: bool,
}

impl Editor<'_, '_> {
    fn set(&mut self, value: &str, present: bool) {
        if self.wanted.insert(value.to_owned(), present).is_none() {
            self.order.push(value.to_owned());
        }
    }

    fn replace_all(&mut self, members: &[MemberRef]) {
        self.wanted.clear();
        self.order.clear();
        self.cleared = true;
        members.iter().for_each(|member| self.set(&member.value, true));
    }

    fn remove_matching(&mut self, filter: &Filter) -> Result<(), Error> {
        let values = match named_values(filter) {
            Some(values) => values,
            None => self.current()?,
        };
        for value in values {
            if filter::matches_value(filter, &member_object(&value)) {
                self.set(&value, false);
            }
        }
        Ok(())
    }

    /// All values as they stand after the operations so far.
    fn current(&self) -> Result<Vec<String>, Error> {
        let mut values: Vec<String> = Vec::new();
        if !self.cleared {
            values.extend(self.view.members(self.group)?.iter().map(Member::to_string));
            values.extend(self.view.pending_members(self.group)?);
            values.retain(|value| !self.wanted.contains_key(value));
        }
        values.extend(self.order.iter().filter(|value| self.wanted[*value]).cloned());
        Ok(values)
    }

    fn finish(self) -> Result<MembershipChange, Error> {
        let mut change = MembershipChange::default();
        if self.cleared {
            let gone = |value: &String| !self.wanted.get(value).copied().unwrap_or(false);
            let members = self.view.members(self.group)?;
            change.removed = members.into_iter().filter(|member| gone(&member.to_string())).collect();
            change.pending_removed =
                self.view.pending_members(self.group)?.into_iter().filter(gone).collect();
        }
        for value in self.order {
            let wanted = self.wanted[&value];
            let member = Member::from_value(&value);
            let is_member = match member {
                Some(member) => self.view.is_member(self.group, member)?,
                None => false,
            };
            match (wanted, member.filter(|_| is_member)) {
                (true, Some(_)) => {}
                (false, Some(member)) if !self.cleared => change.removed.push(member),
                (false, Some(_)) => {}
                (true, None) => match self.view.resolve_member(&value)? {
                    Some(present) => change.added.push(present),
                    None if self.view.is_pending(self.group, &value)? => {}
                    None => change.pending_added.push(value),
                },
                (false, None) if !self.cleared => change.pending_removed.push(value),
                (false, None) => {}
            }
        }
        Ok(change)
    }
}

/// The values that a filter can match at all, when it names them: `value eq "…"`.
fn named_values(filter: &Filter) -> Option<Vec<String>> {
    match filter {
        Filter::Compare(comparison)
            if comparison.operator == Operator::Eq && comparison.attribute.name == "value" =>
        {
            let Operand::Text(text) = &comparison.operand else { return None };
            let member = Member::from_value_in_any_case(&text.written);
            Some(vec![member.map_or_else(|| text.written.clone(), |member| member.to_string())])
        }
        Filter::Or(parts) => {
            let values: Option<Vec<Vec<String>>> = parts.iter().map(named_values).collect();
            values.map(|values| values.concat())
        }
        Filter::And(parts) => parts.iter().find_map(named_values),
        Filter::Compare(_) | Filter::Values { .. } | Filter::Not(_) | Filter::Present(_) => None,
    }
}

/// A member as a filter sees it.
fn member_object(value: &str) -> Value {
    let kind = match Member::from_value(value) {
        Some(Member::Group(_)) => "Group",
        Some(Member::User(_)) | None => "User",
    };
    json!({"value": value, "type": kind})
}

/// Writes the difference, and tells the app of those that it sees.
pub fn write(
    tx: &mut DirectoryTransaction<'_, '_>,
    announcer: &Announcer<'_>,
    group: &GroupRow,
    change: &MembershipChange,
    added_cause: Cause,
) -> Result<(), Error> {
    for value in &change.pending_removed {
        tx.remove_pending(group.id, value)?;
    }
    for value in &change.pending_added {
        tx.add_pending(group.id, value)?;
    }
    if !change.is_visible() {
        return Ok(());
    }
    let seen = directory_group(announcer.directory, group);
    let decides = decides(announcer, group);
    for member in &change.removed {
        tx.remove_member(group.id, *member)?;
        tell_user(tx, announcer, *member, decides, |user| {
            (NewEvent::group_user_removed(&seen, user), Cause::MemberRemoved)
        })?;
    }
    for member in &change.added {
        tx.add_member(group.id, *member)?;
        tell_user(tx, announcer, *member, decides, |user| {
            (NewEvent::group_user_added(&seen, user), added_cause)
        })?;
    }
    Ok(())
}

/// Tells the app of a user's membership, if it sees the user, and of the roles that go with it if
/// the group decides about any. Nested groups are SCIM's alone.
fn tell_user(
    tx: &mut DirectoryTransaction<'_, '_>,
    announcer: &Announcer<'_>,
    member: Member,
    decides: Decides,
    event: impl FnOnce(&crate::model::directory_user::DirectoryUser) -> (NewEvent, Cause),
) -> Result<(), Error> {
    let Member::User(id) = member else { return Ok(()) };
    let Some(mut row) = tx.view().present_user(id)? else { return Ok(()) };
    row.updated_at = tx.now().max(row.updated_at);
    tx.touch_user(id, row.updated_at)?;
    let (event, cause) = event(&directory_user(announcer.directory, &row));
    if row.visible {
        announcer.announce(tx, event, cause)?;
    }
    match decides {
        Decides::Roles => refresh_roles(tx, announcer, &row, cause),
        Decides::Nothing => Ok(()),
    }
}

/// Whether a group decides about roles: most don't, and cost nothing more.
#[derive(Clone, Copy)]
enum Decides {
    Roles,
    Nothing,
}

fn decides(announcer: &Announcer<'_>, group: &GroupRow) -> Decides {
    match announcer.mapping.roles().naming(&role_group(group)).is_empty() {
        true => Decides::Nothing,
        false => Decides::Roles,
    }
}

/// Gives the users who are direct members of a group the roles that it now means for them: it has
/// another name, or is about to go. A large group's follow in the background, where others can
/// write in between.
pub fn follow_roles(
    tx: &mut DirectoryTransaction<'_, '_>,
    announcer: &Announcer<'_>,
    users: &[Member],
    cause: Cause,
) -> Result<(), Error> {
    if limits::ROLE_MEMBERS_PER_WRITE_MAX < users.len() {
        return tx.begin_remap();
    }
    for member in users {
        let Member::User(id) = member else { continue };
        if let Some(row) = tx.view().present_user(*id)? {
            refresh_roles(tx, announcer, &row, cause)?;
        }
    }
    Ok(())
}
