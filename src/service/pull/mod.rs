//! What a connector reads before it changes anything: who is stored, in a form that is cheap to
//! compare with a listing. The changes themselves go through the verbs that SCIM goes through.

mod canonical;

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::time::Instant;

use serde_json::Value;

use crate::base::id::{GroupId, RequestId, UserId};
use crate::base::text::fold;
use crate::model::request_record::RequestRecord;
use crate::scim::resource::Resource;
use crate::scim::schema::TypeSchema;
use crate::store::directory::{GroupRow, Member, UserRow, UserStatus};

use super::authenticate::Caller;
use super::context::Context;
use super::failure::Failure;
use super::record::{Origin, recorded_body};
use super::resources::{parse_object, to_stored};

pub use canonical::Digest;

/// All present users and groups of a directory.
#[derive(Debug, Default)]
pub struct Stored {
    pub users: Vec<StoredUser>,
    pub groups: Vec<StoredGroup>,
    pub user_by_external_id: HashMap<String, usize>,
    /// Users without `externalId`, by folded `userName`.
    pub user_by_name: HashMap<String, usize>,
    pub group_by_external_id: HashMap<String, usize>,
}

#[derive(Debug, Clone)]
pub struct StoredUser {
    pub id: UserId,
    pub user_name: String,
    pub is_active: bool,
    /// Of everything but `active`.
    pub digest: Digest,
}

#[derive(Debug, Clone)]
pub struct StoredGroup {
    pub id: GroupId,
    pub name: String,
    pub digest: Digest,
}

/// Reads everything that is stored, as of one moment.
///
/// # Errors
///
/// [`Failure`] of the store.
pub async fn stored(context: &Context, caller: &Caller) -> Result<Stored, Failure> {
    let read = |view: &crate::store::directory::DirectoryView<'_>| -> Result<Stored, Failure> {
        let mut stored = Stored::default();
        view.scan_users(|row| -> Result<_, Failure> {
            stored.add_user(&row);
            Ok(ControlFlow::Continue(()))
        })?;
        view.scan_groups(|row| -> Result<_, Failure> {
            stored.add_group(&row);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(stored)
    };
    Ok(context.store.scan_directory(caller.scope(), read).await?)
}

impl Stored {
    fn add_user(&mut self, row: &UserRow) {
        let at = self.users.len();
        match &row.external_id {
            Some(external_id) => self.user_by_external_id.insert(external_id.clone(), at),
            None => self.user_by_name.insert(fold(&row.user_name), at),
        };
        self.users.push(StoredUser {
            id: row.id,
            user_name: row.user_name.clone(),
            is_active: row.status == UserStatus::Active,
            digest: digest(&row.document, row.extra.as_deref()),
        });
    }

    fn add_group(&mut self, row: &GroupRow) {
        let at = self.groups.len();
        if let Some(external_id) = &row.external_id {
            self.group_by_external_id.insert(external_id.clone(), at);
        }
        let digest = digest(&row.document, row.extra.as_deref());
        self.groups.push(StoredGroup { id: row.id, name: row.display_name.clone(), digest });
    }
}

fn digest(document: &str, extra: Option<&str>) -> Digest {
    Digest::of(&parse_object(document), extra.map(parse_object).as_ref())
}

/// The digest that a resource would have once stored.
pub fn digest_of(resource: &Resource, schema: &TypeSchema) -> Digest {
    let (document, extra) = to_stored(resource, schema);
    digest(&document, extra.as_deref())
}

/// The members of a group, as they are now.
///
/// # Errors
///
/// [`Failure`] of the store.
pub async fn members_of(context: &Context, caller: &Caller, group: GroupId) -> Result<Vec<Member>, Failure> {
    let read = move |view: &crate::store::directory::DirectoryView<'_>| -> Result<_, Failure> {
        Ok(view.members(group)?)
    };
    Ok(context.store.scan_directory(caller.scope(), read).await?)
}

/// Where a change by a connector comes from: a request record of its own, so that the events that it
/// causes lead to what was pulled.
pub fn origin(
    context: &Context,
    caller: &Caller,
    source: &str,
    path: String,
    body: Option<&Value>,
) -> Origin {
    let now = context.clock.now();
    let request_id = RequestId::new(now);
    let request_body = body
        .filter(|_| context.settings.keeps_bodies)
        .map(|body| recorded_body(body, body.to_string().len()));
    let record = RequestRecord {
        id: request_id,
        directory_id: Some(caller.directory.id),
        token_id: None,
        received_at: now,
        duration_micros: 0,
        method: "PULL".to_owned(),
        path,
        query: String::new(),
        status: 0,
        scim_type: None,
        detail: None,
        rules: Vec::new(),
        resource_id: None,
        client_address: None,
        user_agent: Some(format!("rosterd connector ({source})")),
        request_body,
        response_body: None,
        events: Vec::new(),
    };
    Origin { request_id, record, received: Instant::now() }
}
