//! Alarms: raised once, updated while they last, cleared when their cause is gone.
//!
//! Some are raised by the change that causes them, in its transaction; the others by a watch that
//! looks at every directory once a minute and writes only what has changed.

mod judge;
mod watch;

pub use watch::{look, run};

use serde_json::{Map, Value};
use tracing::{info, warn};

use crate::base::id::DirectoryId;
use crate::model::alarm::AlarmKind;
use crate::store::directory::{DirectoryTransaction, Raised};
use crate::store::{Error, WriteError};

use super::context::Context;

/// Raises an alarm, or gives the open one of its kind a new detail: counts and ids, nothing personal.
pub fn raise(
    tx: &mut DirectoryTransaction<'_, '_>,
    kind: AlarmKind,
    detail: &Map<String, Value>,
) -> Result<(), Error> {
    if let Raised::New(id) = tx.raise_alarm(kind, detail)? {
        let detail = Value::Object(detail.clone());
        warn!(alarm = %id, directory = %tx.view().id(), kind = kind.name(), %detail, "alarm: {}", kind.meaning());
    }
    Ok(())
}

/// Clears an alarm, if it is open.
pub fn clear(tx: &mut DirectoryTransaction<'_, '_>, kind: AlarmKind) -> Result<(), Error> {
    if tx.clear_alarm(kind)? {
        info!(directory = %tx.view().id(), kind = kind.name(), "alarm cleared");
    }
    Ok(())
}

/// Raises (with a detail) or clears (with None) an alarm in a transaction of its own.
///
/// # Errors
///
/// [`WriteError`] when the store could not.
pub async fn set(
    context: &Context,
    directory: DirectoryId,
    kind: AlarmKind,
    detail: Option<Map<String, Value>>,
) -> Result<(), WriteError<Error>> {
    let work = move |tx: &mut crate::store::WriteTransaction<'_>| {
        let tx = &mut tx.directory(directory);
        // The directory may have been deleted meanwhile.
        match (tx.view().directory()?, detail) {
            (None, _) => Ok(()),
            (Some(_), Some(detail)) => raise(tx, kind, &detail),
            (Some(_), None) => clear(tx, kind),
        }
    };
    context.store.write_housekeeping(work).await
}

/// A detail that is made of counts.
pub fn counts<const N: usize>(counts: [(&str, u64); N]) -> Map<String, Value> {
    counts.into_iter().map(|(name, count)| (name.to_owned(), count.into())).collect()
}
