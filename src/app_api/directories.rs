//! Routes of directories.

use http::StatusCode;

use crate::base::id::{DirectoryId, OrganizationId, kind};
use crate::base::limits;
use crate::base::text::fold;
use crate::connect::Checked;
use crate::model::directory::{DirectoryCounts, GroupPatchStatus, OnDeactivate};
use crate::model::page::Order;
use crate::model::provider::Provider;
use crate::service::Settings;
use crate::service::app::connectors::put_connector;
use crate::service::app::directories::{
    self, CreatedDirectory, DirectoryChange, NewDirectory, Overview, WantedState,
};
use crate::store::app::directories::DirectoryFilter;
use crate::web::{Response, empty};

use super::answer::{Refused, json, list, ok};
use super::fields::{Fields, Nullable};
use super::watch::watch_change;
use super::wire::directory::{Directory, DirectoryWithToken};
use super::{AppApi, Call};

pub(super) const WHAT: &str = "directory";

impl AppApi {
    pub(super) async fn list_directories(&self, call: &Call) -> Result<Response, Refused> {
        let query = call.query()?;
        let paging = query.paging::<kind::Directory>(Order::NewestFirst)?;
        let filter = DirectoryFilter {
            organization_id: query.parsed("organization_id", "name an organization by its id, org_…")?,
            domain: query.text("domain").map(fold),
            search: query.text("search").map(fold),
        };
        let page = directories::list_directories(&self.context, &call.caller, filter, paging.request).await?;
        let page = page.map(|found| {
            let scim_url = self.context.scim_url(&found.directory.external_key);
            (found, scim_url)
        });
        let id = |(found, _): &(Overview, String)| found.directory.id.to_string();
        Ok(list(&paging, &page, id, |(found, scim_url)| shown(found, scim_url)))
    }

    pub(super) async fn read_directory(&self, call: &Call) -> Result<Response, Refused> {
        let id = call.id("id", WHAT)?;
        let found = directories::read_directory(&self.context, &call.caller, id).await?;
        let scim_url = self.context.scim_url(&found.directory.external_key);
        Ok(ok(&shown(&found, &scim_url)))
    }

    pub(super) async fn create_directory(&self, call: &mut Call) -> Result<Response, Refused> {
        let mut fields = Fields::read(&mut call.request).await?;
        let settings = fields.object("connector");
        let check = fields.flag("check").unwrap_or(true);
        let mut new = new_directory(fields, &self.context.settings)?;
        // Before anything is made: what is wrong with the connector is said at once.
        let checked = match settings {
            Some(settings) => Some(self.checked(settings, check).await?),
            None => None,
        };
        if let Some(checked) = checked.as_ref().filter(|_| new.provider == Provider::Generic) {
            new.provider = checked.provider();
        }
        let watch = new.watch;
        let made = directories::create_directory(&self.context, &call.caller, new).await?;
        if let Some(checked) = checked {
            self.connect_or_undo(call, made.directory.id, checked).await?;
        }
        let CreatedDirectory { directory, secret, .. } = made;
        let scim_url = self.context.scim_url(&directory.external_key);
        let sent = Directory::new(&directory, DirectoryCounts::default(), &scim_url).watched(watch, &[]);
        Ok(json(StatusCode::CREATED, &DirectoryWithToken::new(sent, &secret)))
    }

    /// Gives a directory just made its connector; without it the directory shall not be.
    async fn connect_or_undo(&self, call: &Call, id: DirectoryId, checked: Checked) -> Result<(), Refused> {
        let connectors = self.connectors()?;
        let put = match connectors.seal(id, checked) {
            Ok(sealed) => put_connector(&self.context, &call.caller, id, sealed).await,
            Err(failure) => Err(failure),
        };
        if let Err(failure) = put {
            directories::delete_directory(&self.context, &call.caller, id).await?;
            return Err(failure.into());
        }
        connectors.wake();
        Ok(())
    }

    pub(super) async fn update_directory(&self, call: &mut Call) -> Result<Response, Refused> {
        let id: DirectoryId = call.id("id", WHAT)?;
        let change = directory_change(Fields::read(&mut call.request).await?)?;
        directories::update_directory(&self.context, &call.caller, id, change).await?;
        self.read_directory(call).await
    }

    pub(super) async fn delete_directory(&self, call: &Call) -> Result<Response, Refused> {
        let id = call.id("id", WHAT)?;
        directories::delete_directory(&self.context, &call.caller, id).await?;
        Ok(empty(StatusCode::ACCEPTED))
    }
}

fn shown<'a>(found: &'a Overview, scim_url: &'a str) -> Directory<'a> {
    Directory::new(&found.directory, found.counts, scim_url).watched(found.watch, &found.open_alarms)
}

fn new_directory(mut fields: Fields, default: &Settings) -> Result<NewDirectory, Refused> {
    let new = NewDirectory {
        name: fields.required_name("name"),
        provider: provider(&mut fields).unwrap_or(Provider::Generic),
        external_key: external_key(&mut fields),
        organization_id: organization_id(&mut fields),
        domain: fields.text("domain", limits::NAME_BYTES_MAX).map(|domain| fold(&domain)),
        strict: fields.flag("strict").unwrap_or(false),
        on_deactivate: on_deactivate(&mut fields).unwrap_or(default.on_deactivate),
        group_patch_status: group_patch_status(&mut fields).flatten(),
        unique_group_names: fields.flag("unique_group_names"),
        validating: fields
            .word("state", "a directory begins as linked, or as validating with a dry run", |text| match text
            {
                "linked" | "active" => Some(false),
                "validating" => Some(true),
                _ => None,
            })
            .unwrap_or(false),
        watch: watch_change(&mut fields).of(default.watch),
        token_expires_at: None,
    };
    fields.finish_strictly()?;
    Ok(new)
}

fn directory_change(mut fields: Fields) -> Result<DirectoryChange, Refused> {
    let change = DirectoryChange {
        name: fields.text("name", limits::NAME_BYTES_MAX),
        provider: provider(&mut fields),
        external_key: external_key(&mut fields),
        domain: fields
            .nullable_text("domain", limits::NAME_BYTES_MAX)
            .map(|domain| domain.map(|domain| fold(&domain))),
        strict: fields.flag("strict"),
        on_deactivate: on_deactivate(&mut fields),
        group_patch_status: group_patch_status(&mut fields),
        unique_group_names: fields.nullable_flag("unique_group_names"),
        state: fields.word("state", "write linked to go on, or unlinked to pause", |text| match text {
            "linked" | "active" => Some(WantedState::Linked),
            "unlinked" | "inactive" => Some(WantedState::Unlinked),
            _ => None,
        }),
        watch: watch_change(&mut fields),
    };
    fields.finish_strictly()?;
    Ok(change)
}

fn provider(fields: &mut Fields) -> Option<Provider> {
    let names: Vec<&str> = Provider::ALL.iter().map(|provider| provider.name()).collect();
    fields.word("provider", &format!("write one of {}", names.join(", ")), Provider::from_name)
}

/// Small letters, digits and hyphens: Okta refuses a base URL with an underscore.
fn external_key(fields: &mut Fields) -> Option<String> {
    let right = format!(
        "write up to {} small letters, digits and hyphens; it is the last part of the SCIM address",
        limits::EXTERNAL_KEY_BYTES_MAX
    );
    fields.word("external_key", &right, |text| {
        let is_key = !text.is_empty()
            && text.len() <= limits::EXTERNAL_KEY_BYTES_MAX
            && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        is_key.then(|| text.to_owned())
    })
}

fn organization_id(fields: &mut Fields) -> Option<OrganizationId> {
    fields.word("organization_id", "name an organization by its id, org_…", |text| text.parse().ok())
}

fn on_deactivate(fields: &mut Fields) -> Option<OnDeactivate> {
    fields.word("on_deactivate", "write keep or delete", OnDeactivate::from_name)
}

fn group_patch_status(fields: &mut Fields) -> Nullable<GroupPatchStatus> {
    fields.nullable_number("group_patch_status", "write 200, 204, or null for the provider's own", |code| {
        u16::try_from(code).ok().and_then(GroupPatchStatus::from_code)
    })
}
