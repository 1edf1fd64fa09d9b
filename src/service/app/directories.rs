//! Directories: make with their first token, read, change, delete.

use crate::base::id::{DirectoryId, OrganizationId};
use crate::base::secret::{self, Secret, TokenHash};
use crate::base::time::Timestamp;
use crate::model::alarm::AlarmKind;
use crate::model::brake::{BrakeMode, Watch};
use crate::model::credential::{self, DIRECTORY_TOKEN_PREFIX, DirectoryToken};
use crate::model::directory::{Directory, DirectoryCounts, DirectoryState, GroupPatchStatus, OnDeactivate};
use crate::model::event::{Cause, EventContext, NewEvent};
use crate::model::page::{Page, PageRequest};
use crate::model::provider::Provider;
use crate::service::authenticate_app::AppCaller;
use crate::service::context::Context;
use crate::store::app::directories::DirectoryFilter;
use crate::store::app::{AppTransaction, AppView};
use crate::store::directory::EventDraft;

use super::failure::AppFailure;
use super::mapping;
use super::organizations::{self, NewOrganization};
use super::visibility;

/// What a directory is made of; only its name is required.
#[derive(Debug, Clone)]
pub struct NewDirectory {
    pub name: String,
    pub provider: Provider,
    /// Made at random when absent.
    pub external_key: Option<String>,
    /// An organization of the directory's name is made when absent.
    pub organization_id: Option<OrganizationId>,
    pub domain: Option<String>,
    pub strict: bool,
    pub on_deactivate: OnDeactivate,
    pub group_patch_status: Option<GroupPatchStatus>,
    pub unique_group_names: Option<bool>,
    /// Begin with a dry run.
    pub validating: bool,
    pub watch: Watch,
    pub token_expires_at: Option<Timestamp>,
}

impl NewDirectory {
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            provider: Provider::Generic,
            external_key: None,
            organization_id: None,
            domain: None,
            strict: false,
            on_deactivate: OnDeactivate::Keep,
            group_patch_status: None,
            unique_group_names: None,
            validating: false,
            watch: Watch::default(),
            token_expires_at: None,
        }
    }
}

/// A directory just made. The token's clear text is never to be had again.
#[derive(Debug)]
pub struct CreatedDirectory {
    pub directory: Directory,
    pub token: DirectoryToken,
    pub secret: Secret,
}

/// What is to change; None leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct DirectoryChange {
    pub name: Option<String>,
    pub provider: Option<Provider>,
    pub external_key: Option<String>,
    pub domain: Option<Option<String>>,
    pub strict: Option<bool>,
    pub on_deactivate: Option<OnDeactivate>,
    pub group_patch_status: Option<Option<GroupPatchStatus>>,
    pub unique_group_names: Option<Option<bool>>,
    pub state: Option<WantedState>,
    pub watch: WatchChange,
}

/// What is to change of a directory's brake and watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WatchChange {
    pub mode: Option<BrakeMode>,
    pub threshold_percent: Option<u32>,
    pub threshold_min: Option<u32>,
    pub window_secs: Option<u32>,
    /// 0 for never.
    pub silence_after_secs: Option<u32>,
}

impl WatchChange {
    /// The settings with the change in them.
    pub fn of(self, mut watch: Watch) -> Watch {
        let brake = &mut watch.brake;
        brake.mode = self.mode.unwrap_or(brake.mode);
        brake.threshold_percent = self.threshold_percent.unwrap_or(brake.threshold_percent);
        brake.threshold_min = self.threshold_min.unwrap_or(brake.threshold_min);
        brake.window_secs = self.window_secs.unwrap_or(brake.window_secs);
        watch.silence_after_secs = self.silence_after_secs.unwrap_or(watch.silence_after_secs);
        watch
    }
}

/// The states that people may put a directory into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WantedState {
    /// Goes on, or ends the dry run.
    Linked,
    /// Pauses.
    Unlinked,
}

/// Makes a directory, its first token, and, without an organization named, one of its name.
///
/// # Errors
///
/// A taken `external_key`; no such organization; [`AppFailure`] of the store.
pub async fn create_directory(
    context: &Context,
    caller: &AppCaller,
    new: NewDirectory,
) -> Result<CreatedDirectory, AppFailure> {
    let owned = caller.clone();
    Ok(context.store.write_app(caller.scope(), move |tx| create(tx, &owned, new)).await?)
}

fn create(
    tx: &mut AppTransaction<'_, '_>,
    caller: &AppCaller,
    new: NewDirectory,
) -> Result<CreatedDirectory, AppFailure> {
    let organization = match new.organization_id {
        Some(id) => tx.view().organization(id)?.ok_or_else(|| AppFailure::not_found("organization", id))?,
        None => {
            let organization = NewOrganization { name: new.name.clone(), ..NewOrganization::default() };
            organizations::insert(tx, organization)?
        }
    };
    let external_key = match new.external_key {
        Some(key) => {
            check_external_key(tx, &key, None)?;
            key
        }
        None => random_key(),
    };
    let now = tx.now();
    let directory = Directory {
        id: tx.new_id(),
        organization_id: organization.id,
        external_key,
        name: new.name,
        provider: new.provider,
        state: if new.validating { DirectoryState::Validating } else { DirectoryState::Linked },
        strict: new.strict,
        on_deactivate: new.on_deactivate,
        group_patch_status: new.group_patch_status,
        unique_group_names: new.unique_group_names,
        domain: new.domain,
        created_at: now,
        updated_at: now,
    };
    tx.insert_directory(&directory)?;
    tx.directory(directory.id).put_watch(new.watch)?;
    if !new.validating {
        let activated = NewEvent::activated(&directory, &organization.domains);
        announce_always(tx, caller, &directory, activated, Cause::DirectoryCreated)?;
    }
    let (token, secret) = add_token(tx, caller, &directory, new.token_expires_at)?;
    Ok(CreatedDirectory { directory, token, secret })
}

/// Makes a token in a running transaction.
pub(super) fn add_token(
    tx: &mut AppTransaction<'_, '_>,
    caller: &AppCaller,
    directory: &Directory,
    expires_at: Option<Timestamp>,
) -> Result<(DirectoryToken, Secret), AppFailure> {
    let secret = secret::new_token(DIRECTORY_TOKEN_PREFIX);
    let token = DirectoryToken {
        id: tx.new_id(),
        directory_id: directory.id,
        organization_id: directory.organization_id,
        token_suffix: credential::suffix(secret.reveal()),
        created_at: tx.now(),
        expires_at,
        last_used_at: None,
    };
    tx.insert_token(&token, &TokenHash::of(secret.reveal()))?;
    announce(tx, caller, directory, NewEvent::token_created(&token), Cause::TokenCreated)?;
    Ok((token, secret))
}

/// Changes a directory. What the app sees changes with it, at once and with events.
///
/// # Errors
///
/// When there is none; a taken `external_key`; [`AppFailure`] of the store.
pub async fn update_directory(
    context: &Context,
    caller: &AppCaller,
    id: DirectoryId,
    change: DirectoryChange,
) -> Result<Directory, AppFailure> {
    let owned = caller.clone();
    Ok(context.store.write_app(caller.scope(), move |tx| update(tx, &owned, id, change)).await?)
}

fn update(
    tx: &mut AppTransaction<'_, '_>,
    caller: &AppCaller,
    id: DirectoryId,
    change: DirectoryChange,
) -> Result<Directory, AppFailure> {
    let before = found(tx.view(), id)?;
    if let Some(key) = &change.external_key {
        check_external_key(tx, key, Some(id))?;
    }
    let directory = Directory {
        name: change.name.unwrap_or_else(|| before.name.clone()),
        provider: change.provider.unwrap_or(before.provider),
        external_key: change.external_key.unwrap_or_else(|| before.external_key.clone()),
        domain: change.domain.unwrap_or_else(|| before.domain.clone()),
        strict: change.strict.unwrap_or(before.strict),
        on_deactivate: change.on_deactivate.unwrap_or(before.on_deactivate),
        group_patch_status: change.group_patch_status.unwrap_or(before.group_patch_status),
        unique_group_names: change.unique_group_names.unwrap_or(before.unique_group_names),
        state: next_state(before.state, change.state),
        updated_at: tx.now().max(before.updated_at),
        ..before.clone()
    };
    tx.update_directory(&directory)?;
    if before.provider != directory.provider {
        mapping::follow_provider(tx, id)?;
    }
    if change.watch != WatchChange::default() {
        let watch = change.watch.of(tx.view().watch(id)?);
        tx.directory(id).put_watch(watch)?;
    }
    if before.on_deactivate != directory.on_deactivate {
        visibility::apply(tx, caller, &directory)?;
    }
    if directory.state == DirectoryState::Linked && !tx.view().was_announced(id)? {
        visibility::activate(tx, caller, &directory)?;
    }
    Ok(directory)
}

fn next_state(before: DirectoryState, wanted: Option<WantedState>) -> DirectoryState {
    match (wanted, before) {
        (None, _) | (_, DirectoryState::Deleting) => before,
        // Its credentials are still refused; asking for them to be linked doesn't mend them.
        (Some(WantedState::Linked), DirectoryState::InvalidCredentials) => before,
        (Some(WantedState::Linked), _) => DirectoryState::Linked,
        (Some(WantedState::Unlinked), _) => DirectoryState::Unlinked,
    }
}

/// Deletes a directory with everything in it; its events stay.
///
/// # Errors
///
/// When there is none; [`AppFailure`] of the store.
pub async fn delete_directory(
    context: &Context,
    caller: &AppCaller,
    id: DirectoryId,
) -> Result<(), AppFailure> {
    let owned = caller.clone();
    let work = move |tx: &mut AppTransaction<'_, '_>| -> Result<(), AppFailure> {
        let directory = found(tx.view(), id)?;
        delete(tx, &owned, &directory, Cause::DirectoryDeleted)
    };
    Ok(context.store.write_app(caller.scope(), work).await?)
}

/// Deletes a directory in a running transaction; the app is told if it was told of the directory.
pub(super) fn delete(
    tx: &mut AppTransaction<'_, '_>,
    caller: &AppCaller,
    directory: &Directory,
    cause: Cause,
) -> Result<(), AppFailure> {
    announce(tx, caller, directory, NewEvent::deleted(directory), cause)?;
    Ok(tx.delete_directory(directory.id)?)
}

/// A directory, how much is in it, what it is watched for, and what somebody should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    pub directory: Directory,
    pub counts: DirectoryCounts,
    pub watch: Watch,
    pub open_alarms: Vec<AlarmKind>,
}

fn overview(view: &AppView<'_>, directory: Directory) -> Result<Overview, AppFailure> {
    let id = directory.id;
    Ok(Overview {
        directory,
        counts: view.directory_counts(id)?,
        watch: view.watch(id)?,
        open_alarms: view.directory_view(id).open_alarms()?,
    })
}

/// # Errors
///
/// When there is none.
pub async fn read_directory(
    context: &Context,
    caller: &AppCaller,
    id: DirectoryId,
) -> Result<Overview, AppFailure> {
    let read = move |view: &AppView<'_>| -> Result<_, AppFailure> { overview(view, found(view, id)?) };
    Ok(context.store.scan_app(caller.scope(), read).await?)
}

/// # Errors
///
/// [`AppFailure`] of the store.
pub async fn list_directories(
    context: &Context,
    caller: &AppCaller,
    filter: DirectoryFilter,
    page: PageRequest,
) -> Result<Page<Overview>, AppFailure> {
    let list = move |view: &AppView<'_>| -> Result<_, AppFailure> {
        view.directories(&filter, &page)?.try_map(|directory| overview(view, directory))
    };
    Ok(context.store.scan_app(caller.scope(), list).await?)
}

/// The directory of that address, if there is one.
///
/// # Errors
///
/// [`AppFailure`] of the store.
pub fn directory_by_external_key(
    context: &Context,
    caller: &AppCaller,
    external_key: &str,
) -> Result<Option<Directory>, AppFailure> {
    Ok(context.store.read_app(caller.scope(), |view| -> Result<_, AppFailure> {
        Ok(view.directory_by_external_key(external_key)?)
    })?)
}

/// The directory, or that there is none.
pub(super) fn found(view: &AppView<'_>, id: DirectoryId) -> Result<Directory, AppFailure> {
    view.directory(id)?.ok_or_else(|| AppFailure::not_found("directory", id))
}

/// Tells the app, if it was told of the directory: not in a dry run, nor while one is paused.
pub(super) fn announce(
    tx: &mut AppTransaction<'_, '_>,
    caller: &AppCaller,
    directory: &Directory,
    event: NewEvent,
    cause: Cause,
) -> Result<(), AppFailure> {
    match tx.view().was_announced(directory.id)? {
        true => announce_always(tx, caller, directory, event, cause),
        false => Ok(()),
    }
}

/// The first event of a directory goes this way, and all others by [`announce`].
pub(super) fn announce_always(
    tx: &mut AppTransaction<'_, '_>,
    caller: &AppCaller,
    directory: &Directory,
    event: NewEvent,
    cause: Cause,
) -> Result<(), AppFailure> {
    let context = EventContext { cause, request_id: None, actor: Some(caller.actor().clone()) };
    let draft = EventDraft { event, organization_id: directory.organization_id, context };
    tx.directory(directory.id).append_event(draft)?;
    Ok(())
}

fn check_external_key(
    tx: &AppTransaction<'_, '_>,
    key: &str,
    own: Option<DirectoryId>,
) -> Result<(), AppFailure> {
    match tx.view().directory_by_external_key(key)? {
        Some(other) if Some(other.id) != own => Err(AppFailure::Conflict {
            code: "external_key_already_used",
            message: format!("the external_key {key:?} belongs to another directory; choose another one"),
        }),
        Some(_) | None => Ok(()),
    }
}

/// Twelve letters and digits: too many to guess, short enough to read to someone.
fn random_key() -> String {
    const ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut key = String::new();
    while key.len() < 12 {
        // 252 is the largest multiple of 36 in a byte.
        for byte in secret::random_bytes::<16>().into_iter().filter(|byte| *byte < 252) {
            if key.len() < 12 {
                key.push(char::from(ALPHABET[usize::from(byte % 36)]));
            }
        }
    }
    key
}
