//! Alarms: list them, and note that somebody has seen one.

use crate::base::id::AlarmId;
use crate::model::alarm::{Alarm, AlarmKind};
use crate::model::page::{Page, PageRequest};
use crate::service::authenticate_app::AppCaller;
use crate::service::context::Context;
use crate::store::Store;
use crate::store::app::alarms::AlarmFilter;
use crate::store::app::{AppTransaction, AppView};

use super::directories::found;
use super::failure::AppFailure;

/// # Errors
///
/// A directory that isn't there; [`AppFailure`] of the store.
pub async fn list_alarms(
    context: &Context,
    caller: &AppCaller,
    filter: AlarmFilter,
    page: PageRequest,
) -> Result<Page<Alarm>, AppFailure> {
    let list = move |view: &AppView<'_>| -> Result<_, AppFailure> {
        if let Some(directory) = filter.directory {
            found(view, directory)?;
        }
        Ok(view.alarms(&filter, &page)?)
    };
    Ok(context.store.scan_app(caller.scope(), list).await?)
}

/// Notes that somebody has seen an alarm. It stays open until its cause is gone.
///
/// # Errors
///
/// No such alarm; [`AppFailure`] of the store.
pub async fn acknowledge_alarm(
    context: &Context,
    caller: &AppCaller,
    id: AlarmId,
) -> Result<Alarm, AppFailure> {
    let by = caller.actor().id.clone();
    let work = move |tx: &mut AppTransaction<'_, '_>| -> Result<Alarm, AppFailure> {
        tx.acknowledge_alarm(id, &by)?;
        tx.view().alarm(id)?.ok_or_else(|| AppFailure::not_found("alarm", id))
    };
    Ok(context.store.write_app(caller.scope(), work).await?)
}

/// How many alarms of each kind are open; kinds without one are left out.
///
/// # Errors
///
/// [`AppFailure`] of the store.
pub fn count_open_alarms(store: &Store, caller: &AppCaller) -> Result<Vec<(AlarmKind, u64)>, AppFailure> {
    Ok(store.read_app(caller.scope(), |view| -> Result<_, AppFailure> { Ok(view.count_open_alarms()?) })?)
}
