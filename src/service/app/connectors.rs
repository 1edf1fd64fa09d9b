//! Connectors as the operator sees them: set, removed, their runs, and removals that wait.

use serde_json::{Map, Value};

use crate::base::id::DirectoryId;
use crate::base::time::Timestamp;
use crate::model::alarm::AlarmKind;
use crate::model::connector::{Connector, ConnectorKind, Memory, RunReport};
use crate::model::directory::{Directory, DirectoryState};
use crate::service::alarms;
use crate::service::authenticate_app::AppCaller;
use crate::service::context::Context;
use crate::store::app::{AppTransaction, AppView};

use super::directories::found;
use super::failure::AppFailure;

/// A connector to be set: checked, its secrets sealed.
#[derive(Debug, Clone)]
pub struct NewConnector {
    pub kind: ConnectorKind,
    pub settings: Map<String, Value>,
    pub credentials: Vec<u8>,
    pub every_secs: u64,
}

/// Gives a directory its connector; what another one remembered is forgotten.
///
/// # Errors
///
/// No such directory; [`AppFailure`] of the store.
pub async fn put_connector(
    context: &Context,
    caller: &AppCaller,
    directory: DirectoryId,
    new: NewConnector,
) -> Result<Connector, AppFailure> {
    let put = move |tx: &mut AppTransaction<'_, '_>| -> Result<Connector, AppFailure> {
        let before = found(tx.view(), directory)?;
        let known = tx.view().connector(directory)?;
        let now = tx.now();
        let connector = Connector {
            directory_id: directory,
            kind: new.kind,
            settings: new.settings,
            credentials: new.credentials,
            every_secs: new.every_secs,
            next_run_at: now,
            memory: Memory::default(),
            created_at: known.as_ref().map_or(now, |known| known.created_at),
            // The run that is under way must see that it is of another one.
            updated_at: known.map_or(now, |known| now.max(known.updated_at.plus_millis(1))),
        };
        tx.put_connector(&connector)?;
        accept_credentials(tx, &before)?;
        Ok(connector)
    };
    Ok(context.store.write_app(caller.scope(), put).await?)
}

/// # Errors
///
/// No such directory or connector; [`AppFailure`] of the store.
pub fn read_connector(
    context: &Context,
    caller: &AppCaller,
    directory: DirectoryId,
) -> Result<Connector, AppFailure> {
    Ok(context.store.read_app(caller.scope(), |view| present(view, directory))?)
}

/// The last runs, newest first.
///
/// # Errors
///
/// No such directory or connector; [`AppFailure`] of the store.
pub fn list_runs(
    context: &Context,
    caller: &AppCaller,
    directory: DirectoryId,
) -> Result<Vec<RunReport>, AppFailure> {
    let read = |view: &AppView<'_>| -> Result<_, AppFailure> {
        present(view, directory)?;
        Ok(view.connector_runs(directory)?)
    };
    Ok(context.store.read_app(caller.scope(), read)?)
}

/// Removes a connector. Users and groups stay as they are.
///
/// # Errors
///
/// No such directory or connector; [`AppFailure`] of the store.
pub async fn remove_connector(
    context: &Context,
    caller: &AppCaller,
    directory: DirectoryId,
) -> Result<(), AppFailure> {
    let remove = move |tx: &mut AppTransaction<'_, '_>| -> Result<(), AppFailure> {
        let before = found(tx.view(), directory)?;
        match tx.delete_connector(directory)? {
            true => {
                clear_alarms(tx, directory)?;
                accept_credentials(tx, &before)
            }
            false => Err(AppFailure::not_found("connector of the directory", directory)),
        }
    };
    Ok(context.store.write_app(caller.scope(), remove).await?)
}

/// What a person says about removals that wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// They are removed by the next complete run, if they are absent still.
    Approve,
    /// They stay until they are listed again.
    Deny,
}

/// Decides on the removals that wait now.
///
/// # Errors
///
/// Nothing waits; no such directory or connector; [`AppFailure`] of the store.
pub async fn decide_removals(
    context: &Context,
    caller: &AppCaller,
    directory: DirectoryId,
    verdict: Verdict,
) -> Result<Connector, AppFailure> {
    let decide = move |tx: &mut AppTransaction<'_, '_>| -> Result<Connector, AppFailure> {
        let mut connector = present(tx.view(), directory)?;
        let waiting = std::mem::take(&mut connector.memory.waiting);
        if waiting.is_empty() {
            return Err(AppFailure::Conflict {
                code: "nothing_waits",
                message: "no removal waits for approval in this directory".to_owned(),
            });
        }
        let chosen = match verdict {
            Verdict::Approve => &mut connector.memory.approved,
            Verdict::Deny => &mut connector.memory.denied,
        };
        chosen.extend(waiting.into_keys());
        chosen.sort_unstable();
        chosen.dedup();
        tx.set_connector_memory(directory, &connector.memory)?;
        set_alarms(tx, directory, vec![(AlarmKind::ConnectorRemovalsWaiting, None)])?;
        Ok(connector)
    };
    Ok(context.store.write_app(caller.scope(), decide).await?)
}

/// When each connector is to run next.
///
/// # Errors
///
/// [`AppFailure`] of the store.
pub fn due(context: &Context) -> Result<Vec<(DirectoryId, Timestamp)>, AppFailure> {
    let operator = AppCaller::operator();
    Ok(context
        .store
        .read_app(operator.scope(), |view| -> Result<_, AppFailure> { Ok(view.connectors_due()?) })?)
}

/// Sets when a connector runs next.
///
/// # Errors
///
/// [`AppFailure`] of the store.
pub async fn set_next_run(
    context: &Context,
    directory: DirectoryId,
    at: Timestamp,
) -> Result<(), AppFailure> {
    let operator = AppCaller::operator();
    let set = move |tx: &mut AppTransaction<'_, '_>| -> Result<(), AppFailure> {
        Ok(tx.set_connector_next_run(directory, at)?)
    };
    Ok(context.store.write_app(operator.scope(), set).await?)
}

/// What a run knows of its directory's credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credentials {
    Accepted,
    Refused,
    /// The provider was not reached.
    Unknown,
}

/// How a run ended.
#[derive(Debug)]
pub struct FinishRun {
    pub report: RunReport,
    pub credentials: Credentials,
    /// Raised with a detail, cleared without.
    pub alarms: Vec<(AlarmKind, Option<Map<String, Value>>)>,
}

/// Writes down how a run ended. What the run remembers is worked out by `remember` on what is
/// remembered then: a person may have approved something meanwhile.
///
/// # Errors
///
/// [`AppFailure`] of the store.
pub async fn finish_run(
    context: &Context,
    before: &Connector,
    run: FinishRun,
    remember: impl FnOnce(&mut Memory) + Send + 'static,
) -> Result<(), AppFailure> {
    let (id, updated_at) = (before.directory_id, before.updated_at);
    let finish = move |tx: &mut AppTransaction<'_, '_>| -> Result<(), AppFailure> {
        let connector = tx.view().connector(id)?.filter(|connector| connector.updated_at == updated_at);
        let (Some(mut connector), Some(directory)) = (connector, tx.view().directory(id)?) else {
            // It was removed, or another one is in its place.
            return Ok(());
        };
        remember(&mut connector.memory);
        tx.insert_connector_run(id, &run.report)?;
        connector.memory.last = Some(run.report);
        tx.set_connector_memory(id, &connector.memory)?;
        set_alarms(tx, id, run.alarms)?;
        match run.credentials {
            Credentials::Accepted => accept_credentials(tx, &directory),
            Credentials::Refused => refuse_credentials(tx, &directory),
            Credentials::Unknown => Ok(()),
        }
    };
    let operator = AppCaller::operator();
    Ok(context.store.write_app(operator.scope(), finish).await?)
}

fn set_alarms(
    tx: &mut AppTransaction<'_, '_>,
    directory: DirectoryId,
    wanted: Vec<(AlarmKind, Option<Map<String, Value>>)>,
) -> Result<(), AppFailure> {
    let mut tx = tx.directory(directory);
    for (kind, detail) in wanted {
        match detail {
            Some(detail) => alarms::raise(&mut tx, kind, &detail)?,
            None => alarms::clear(&mut tx, kind)?,
        }
    }
    Ok(())
}

/// The alarms that only a connector's next run would clear.
fn clear_alarms(tx: &mut AppTransaction<'_, '_>, directory: DirectoryId) -> Result<(), AppFailure> {
    let of_connectors = [
        AlarmKind::ConnectorFailed,
        AlarmKind::ConnectorCredentials,
        AlarmKind::ConnectorIncomplete,
        AlarmKind::ConnectorRemovalsWaiting,
    ];
    set_alarms(tx, directory, of_connectors.map(|kind| (kind, None)).to_vec())
}

fn accept_credentials(tx: &mut AppTransaction<'_, '_>, directory: &Directory) -> Result<(), AppFailure> {
    match directory.state {
        DirectoryState::InvalidCredentials => set_state(tx, directory, DirectoryState::Linked),
        _ => Ok(()),
    }
}

/// A dry run and a pause stay what they are.
fn refuse_credentials(tx: &mut AppTransaction<'_, '_>, directory: &Directory) -> Result<(), AppFailure> {
    match directory.state {
        DirectoryState::Linked => set_state(tx, directory, DirectoryState::InvalidCredentials),
        _ => Ok(()),
    }
}

fn set_state(
    tx: &mut AppTransaction<'_, '_>,
    before: &Directory,
    state: DirectoryState,
) -> Result<(), AppFailure> {
    let directory = Directory { state, updated_at: tx.now().max(before.updated_at), ..before.clone() };
    Ok(tx.update_directory(&directory)?)
}

fn present(view: &AppView<'_>, directory: DirectoryId) -> Result<Connector, AppFailure> {
    found(view, directory)?;
    view.connector(directory)?.ok_or_else(|| AppFailure::not_found("connector of the directory", directory))
}
