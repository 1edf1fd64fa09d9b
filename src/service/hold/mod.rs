//! The brake: a wave of deprovisioning raises an alarm, or is held back from the app until someone
//! decides.
//!
//! The provider's side is never touched: it reads what it wrote. A held user's own row is invisible
//! to the app, so that no change of it makes an event; beside it stands the row as the app last saw
//! it, which the app goes on reading. When the hold ends, the difference between the two becomes
//! events. Only users who lose access are held: whoever comes, or comes back, is never delayed.
//!
//! Decided 2026-11: the frozen row is a copy of the user's row in a table of its own. Keeping the
//! provider's changes apart instead, until approval, would have put the exception on the side that
//! every SCIM request reads; the app's reads ask one index whether anybody is held at all.

mod release;

pub use release::{decide, release};

use serde_json::{Map, Value};

use crate::base::text::fold;
use crate::model::alarm::AlarmKind;
use crate::model::brake::{Brake, BrakeMode, Wave};
use crate::model::directory_user::DirectoryUserView;
use crate::model::event::{Cause, EventContext};
use crate::service::alarms;
use crate::service::changes::Announcer;
use crate::store::Error;
use crate::store::directory::{DirectoryTransaction, HeldRow, UserRow, UserStatus};

/// What a change of a user means for the app.
pub enum Screened {
    /// The app is told as ever.
    Told,
    /// The app is told nothing: the user is held.
    Held,
    /// The user is active again: the app is told what differs from what it last saw.
    Back(Box<HeldRow>),
}

/// Looks at a change of a user before it is written: who loses access in a wave is frozen, and whoever
/// is frozen stays invisible until it is active again.
pub fn screen(
    tx: &mut DirectoryTransaction<'_, '_>,
    announcer: &Announcer<'_>,
    before: Option<&UserRow>,
    row: &mut UserRow,
    cause: Cause,
) -> Result<Screened, Error> {
    let Some(before) = before.filter(|_| announcer.is_audible()) else { return Ok(Screened::Told) };
    if !before.visible {
        return still_held(tx, announcer, before, row, cause);
    }
    if before.status != UserStatus::Active || row.status == UserStatus::Active {
        return Ok(Screened::Told);
    }
    let brake = tx.view().watch()?.brake;
    if brake.mode == BrakeMode::Off {
        return Ok(Screened::Told);
    }
    let wave = tx.note_loss(before.id)?;
    if wave.is_over() {
        alarms::raise(tx, AlarmKind::DeprovisioningWave, &wave_detail(brake, wave))?;
    }
    let is_held = brake.mode == BrakeMode::Hold && (wave.is_over() || tx.view().has_undecided()?);
    if !is_held {
        return Ok(Screened::Told);
    }
    hold(tx, announcer, before, cause)?;
    row.visible = false;
    Ok(Screened::Held)
}

fn hold(
    tx: &mut DirectoryTransaction<'_, '_>,
    announcer: &Announcer<'_>,
    before: &UserRow,
    cause: Cause,
) -> Result<(), Error> {
    if tx.view().open_alarm(AlarmKind::UsersHeld)?.is_none() {
        // The watch brings the count up to date, so that a large wave writes it once a minute.
        alarms::raise(tx, AlarmKind::UsersHeld, &alarms::counts([("users", 1)]))?;
    }
    let seen = DirectoryUserView::from_stored(&before.view, &before.document, before.extra.as_deref());
    let email = seen.email.as_deref().map(fold);
    tx.freeze_user(before.id, email.as_deref(), cause, announcer.request_id)
}

/// A user that the app doesn't see by its own row: is it held, and does it stay so?
fn still_held(
    tx: &mut DirectoryTransaction<'_, '_>,
    announcer: &Announcer<'_>,
    before: &UserRow,
    row: &mut UserRow,
    cause: Cause,
) -> Result<Screened, Error> {
    let Some(held) = tx.view().held_user(before.id)? else { return Ok(Screened::Told) };
    if row.status == UserStatus::Active {
        return Ok(Screened::Back(Box::new(held)));
    }
    row.visible = false;
    if row.status != before.status {
        tx.note_held(before.id, cause, announcer.request_id)?;
    }
    Ok(Screened::Held)
}

impl Screened {
    /// Whether the app is told by the change itself.
    pub fn is_told(&self) -> bool {
        matches!(self, Self::Told)
    }

    /// Ends the hold of a user who is active again; the change is written by now.
    pub fn finish(
        self,
        tx: &mut DirectoryTransaction<'_, '_>,
        announcer: &Announcer<'_>,
        row: &UserRow,
        cause: Cause,
    ) -> Result<(), Error> {
        let Self::Back(held) = self else { return Ok(()) };
        let context = EventContext { cause, request_id: announcer.request_id, actor: None };
        release(tx, announcer.directory, &held, row, &context)?;
        match tx.view().has_undecided()? {
            true => Ok(()),
            false => alarms::clear(tx, AlarmKind::UsersHeld),
        }
    }
}

fn wave_detail(brake: Brake, wave: Wave) -> Map<String, Value> {
    let mut detail = alarms::counts([
        ("users", wave.lost),
        ("active_before", wave.active_at_start),
        ("threshold", wave.threshold),
        ("window_secs", brake.window_secs.into()),
    ]);
    detail.insert("mode".to_owned(), brake.mode.name().into());
    detail
}
