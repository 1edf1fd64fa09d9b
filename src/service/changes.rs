//! What all changes of resources have in common: conditions, outcomes, events.

use std::sync::Arc;

use crate::base::id::RequestId;
use crate::model::directory::{Directory, DirectoryState};
use crate::model::event::{Cause, EventContext, NewEvent};
use crate::model::mapping::Mapping;
use crate::scim::dialect::{Rule, note};
use crate::scim::resource::Resource;
use crate::store::directory::{DirectoryTransaction, EventDraft};

use super::authenticate::Caller;
use super::context::Context;
use super::failure::Failure;
use super::resources::Loaded;

/// Runs `work` as one change of the caller's directory, with the directory as it is then: one that
/// was paused or deleted, or whose settings changed, while the request waited is not taken for what
/// it was.
pub async fn change<T, F>(context: &Context, caller: &Caller, work: F) -> Result<T, Failure>
where
    T: Send + 'static,
    F: FnOnce(&mut DirectoryTransaction<'_, '_>, &Caller) -> Result<T, Failure> + Send + 'static,
{
    let owned = caller.clone();
    let mappings = Arc::clone(&context.mappings);
    let write = move |tx: &mut DirectoryTransaction<'_, '_>| -> Result<T, Failure> {
        let directory = tx.view().directory()?.ok_or(Failure::Gone)?;
        let mapping = mappings.in_force(tx.view(), directory.provider)?;
        let caller = owned.with(directory, mapping)?;
        work(tx, &caller)
    };
    Ok(context.store.write_directory(caller.scope(), write).await?)
}

/// What a PUT replaces a resource by.
pub struct Replacement<B> {
    pub body: B,
    pub unmentioned_external_id: Unmentioned,
}

/// What becomes of an `externalId` that a PUT doesn't mention; null always clears it.
///
/// RFC 7644 §3.5.1 leaves both open. Okta's PUTs never carry it, and without it somebody who comes
/// back would be another person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unmentioned {
    Kept,
    Cleared,
}

impl Unmentioned {
    /// Puts the `externalId` of the resource as it was into the one that replaces it, and says so.
    pub fn apply(self, old: &Resource, new: &mut Resource, rules: &mut Vec<Rule>) {
        let kept = old.attributes.get("externalId").filter(|_| self == Self::Kept);
        if let Some(external_id) = kept.filter(|_| !new.attributes.contains_key("externalId")) {
            new.attributes.insert("externalId".into(), external_id.clone());
            note(rules, Rule::ResourceExternalIdKept);
        }
    }
}

/// Which versions a request accepts (RFC 7644 §3.14).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum IfMatch {
    /// No condition, or `*`.
    #[default]
    Any,
    /// One of these; a tag that is none of ours matches nothing.
    OneOf(Vec<u64>),
}

impl IfMatch {
    /// Reads an `If-Match` header or the `version` of a Bulk operation.
    pub fn parse(text: Option<&str>) -> Self {
        let Some(text) = text else { return Self::Any };
        if text.trim() == "*" {
            return Self::Any;
        }
        Self::OneOf(text.split(',').filter_map(parse_etag).collect())
    }

    /// # Errors
    ///
    /// [`Failure::VersionMismatch`].
    pub fn check(&self, version: u64) -> Result<(), Failure> {
        match self {
            Self::Any => Ok(()),
            Self::OneOf(versions) if versions.contains(&version) => Ok(()),
            Self::OneOf(_) => Err(Failure::VersionMismatch { current: version }),
        }
    }
}

/// The version in one of our entity tags, weak or not.
pub fn parse_etag(tag: &str) -> Option<u64> {
    let tag = tag.trim();
    let tag = tag.strip_prefix("W/").unwrap_or(tag);
    let digits = tag.strip_prefix('"')?.strip_suffix('"')?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

/// A resource as it is after a change, and what was noticed on the way.
#[derive(Debug, Clone)]
pub struct Written {
    pub resource: Loaded,
    pub rules: Vec<Rule>,
    /// What was invalid beside a deactivation that was done all the same.
    pub dropped: Option<String>,
}

impl Written {
    pub fn new(resource: Loaded) -> Self {
        Self { resource, rules: Vec::new(), dropped: None }
    }
}

/// Writes events of one request to one directory; says nothing during a dry run.
pub struct Announcer<'a> {
    pub directory: &'a Directory,
    /// The mapping in force, by which the app's view and the roles of users are made.
    pub mapping: &'a Mapping,
    pub request_id: Option<RequestId>,
    /// Whether the app is told of changes at all.
    is_audible: bool,
}

impl<'a> Announcer<'a> {
    /// For what a request of the caller changes.
    pub fn of(caller: &'a Caller, request_id: RequestId) -> Self {
        let is_audible = caller.directory.state != DirectoryState::Validating;
        Self {
            directory: &caller.directory,
            mapping: &caller.mapping,
            request_id: Some(request_id),
            is_audible,
        }
    }

    /// For what no request changes, in a directory that the app was told of or not.
    pub fn of_background(directory: &'a Directory, mapping: &'a Mapping, is_audible: bool) -> Self {
        Self { directory, mapping, request_id: None, is_audible }
    }

    /// Whether the app is told of changes at all.
    pub fn is_audible(&self) -> bool {
        self.is_audible
    }

    pub fn announce(
        &self,
        tx: &mut DirectoryTransaction<'_, '_>,
        event: NewEvent,
        cause: Cause,
    ) -> Result<(), crate::store::Error> {
        if !self.is_audible() {
            return Ok(());
        }
        let context = EventContext { cause, request_id: self.request_id, actor: None };
        let organization_id = self.directory.organization_id;
        tx.append_event(EventDraft { event, organization_id, context }).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn if_match_takes_our_tags_and_a_star() {
        let check = |text: &str, version: u64| IfMatch::parse(Some(text)).check(version).is_ok();
        assert!(check("W/\"3\"", 3));
        assert!(check("\"3\"", 3));
        assert!(check("\"1\", W/\"3\"", 3));
        assert!(check("*", 3));
        assert!(!check("W/\"2\"", 3));
        assert!(!check("W/\"abc\"", 3));
        assert!(!check("", 3));
        assert!(!check("\"+3\"", 3));
        assert!(IfMatch::parse(None).check(3).is_ok());
    }
}
