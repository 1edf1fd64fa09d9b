//! Ends holds: the difference between what the app last saw of a user and what is there becomes
//! events; or the operator denies it, and the app's view stays as it is.

use std::collections::BTreeSet;

use crate::base::id::{GroupId, UserId};
use crate::base::limits;
use crate::model::alarm::AlarmKind;
use crate::model::directory::{Directory, OnDeactivate};
use crate::model::event::{Actor, Cause, EventContext, NewEvent};
use crate::model::held::{Decided, HoldDecision};
use crate::service::alarms;
use crate::service::groups::{directory_group, group_by_id};
use crate::service::users::save::directory_user;
use crate::store::Error;
use crate::store::directory::{
    DirectoryTransaction, EventDraft, HeldRow, Member, UserRow, UserStatus, Waiting,
};

/// Ends the hold of one user and tells the app what differs: first of the user, since a deactivation
/// comes first, then of its groups.
pub fn release(
    tx: &mut DirectoryTransaction<'_, '_>,
    directory: &Directory,
    held: &HeldRow,
    row: &UserRow,
    context: &EventContext,
) -> Result<(), Error> {
    let before: BTreeSet<GroupId> = tx.view().held_groups(row.id)?.into_iter().collect();
    tx.thaw_user(row.id)?;
    let mut row = row.clone();
    row.updated_at = tx.now().max(row.updated_at).max(held.user.updated_at);
    row.visible = is_visible(directory, row.status);
    tx.set_user_visible(row.id, row.visible)?;
    tx.touch_user(row.id, row.updated_at)?;
    let announce = |tx: &mut DirectoryTransaction<'_, '_>, event: NewEvent, cause: Cause| {
        let context = EventContext { cause, ..context.clone() };
        tx.append_event(EventDraft { event, organization_id: directory.organization_id, context }).map(drop)
    };
    let last_seen = directory_user(directory, &held.user);
    if !row.visible {
        return announce(tx, NewEvent::user_deleted(&last_seen), context.cause);
    }
    let user = directory_user(directory, &row);
    if let Some(event) = NewEvent::user_updated(&last_seen, &user) {
        announce(tx, event, context.cause)?;
    }
    let now: BTreeSet<GroupId> =
        tx.view().groups_of(Member::User(row.id))?.into_iter().map(|(group, _)| group).collect();
    for id in before.difference(&now) {
        let group = directory_group(directory, &group_by_id(tx, *id)?);
        announce(tx, NewEvent::group_user_removed(&group, &user), Cause::MemberRemoved)?;
    }
    for id in now.difference(&before) {
        let group = directory_group(directory, &group_by_id(tx, *id)?);
        announce(tx, NewEvent::group_user_added(&group, &user), Cause::MemberAdded)?;
    }
    Ok(())
}

fn is_visible(directory: &Directory, status: UserStatus) -> bool {
    match status {
        UserStatus::Active => true,
        UserStatus::Inactive => directory.on_deactivate == OnDeactivate::Keep,
        UserStatus::Deleted | UserStatus::Retired => false,
    }
}

/// Decides about held users: those named, or the first of those that wait, up to
/// [`limits::HELD_PER_COMMIT_MAX`] in one transaction. Named ones that are not held are passed over:
/// their hold has ended meanwhile. Approval takes denied ones too, when they are named.
///
/// # Panics
///
/// When a held user has no row: users are never removed but with their directory.
pub fn decide(
    tx: &mut DirectoryTransaction<'_, '_>,
    directory: &Directory,
    users: Option<&[UserId]>,
    decision: HoldDecision,
    actor: &Actor,
) -> Result<Decided, Error> {
    let mut decided = Decided::default();
    let mut is_waves = false;
    for held in chosen(tx, users)? {
        is_waves |= held.denied_at.is_none();
        match decision {
            HoldDecision::Approve => {
                let context = EventContext {
                    cause: held.cause,
                    request_id: held.request_id,
                    actor: Some(actor.clone()),
                };
                let row = tx.view().user(held.user.id)?;
                let Some(row) = row else { panic!("a held user has no row of its own") };
                release(tx, directory, &held, &row, &context)?;
            }
            HoldDecision::Deny if held.denied_at.is_some() => continue,
            HoldDecision::Deny => tx.deny_held(held.user.id)?,
        }
        decided.users += 1;
    }
    decided.remaining = tx.view().count_held(Waiting::Undecided)?;
    // Who was denied before belongs to a wave that was decided long ago.
    if decided.remaining == 0 && is_waves {
        tx.decide_wave()?;
        alarms::clear(tx, AlarmKind::UsersHeld)?;
    }
    Ok(decided)
}

fn chosen(tx: &DirectoryTransaction<'_, '_>, users: Option<&[UserId]>) -> Result<Vec<HeldRow>, Error> {
    let Some(users) = users else { return tx.view().undecided(limits::HELD_PER_COMMIT_MAX) };
    let mut chosen = Vec::new();
    for id in users.iter().take(limits::HELD_PER_COMMIT_MAX) {
        chosen.extend(tx.view().held_user(*id)?);
    }
    chosen.sort_by_key(|held| (held.held_at, held.user.id));
    // Somebody named twice is decided about once: no event may come twice.
    chosen.dedup_by_key(|held| held.user.id);
    Ok(chosen)
}
