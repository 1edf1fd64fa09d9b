//! Applies the groups of a listing and their members.

use std::collections::HashSet;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, stream};
use serde_json::{Map, Value, json};

use crate::connect::listing::{ListedGroup, Listing};
use crate::connect::trouble::Trouble;
use crate::scim::patch;
use crate::service::Failure;
use crate::service::changes::{IfMatch, Written};
use crate::service::groups::{CreateGroup, DeleteGroup, PatchGroup, create_group, delete_group, patch_group};
use crate::service::pull;
use crate::service::users::Derived;
use crate::store::directory::Member;

use super::{Work, parse, stops};

/// Groups that are changed at a time.
const AT_ONCE: usize = 8;
/// Members that one change names: the writer is there for others too.
const MEMBERS_AT_ONCE: usize = 500;
/// Members that one filter names.
const TERMS_AT_ONCE: usize = 50;

/// What became of one listed group.
enum Outcome {
    Same(String),
    Created(String),
    Updated(String),
}

impl Work<'_> {
    /// First all groups, so that each is there to be nested; then their members.
    pub(super) async fn apply_groups(&mut self, listing: &Listing) -> Result<(), Trouble> {
        let work = &*self;
        let applying: Vec<BoxFuture<'_, _>> = listing
            .groups
            .iter()
            .map(|listed| async move { (listed, work.apply_group(listed).await) }.boxed())
            .collect();
        let outcomes: Vec<_> = stream::iter(applying).buffer_unordered(AT_ONCE).collect().await;
        for (listed, outcome) in outcomes {
            let id = match outcome {
                Ok(Outcome::Same(id)) => id,
                Ok(Outcome::Created(id)) => {
                    self.done.counts.groups_created += 1;
                    id
                }
                Ok(Outcome::Updated(id)) => {
                    self.done.counts.groups_updated += 1;
                    id
                }
                Err(failure) => {
                    self.refused_group(listed, failure)?;
                    continue;
                }
            };
            self.ids.insert(listed.external_id.clone(), id);
        }
        let work = &*self;
        let may_remove = listing.is_complete();
        let applying: Vec<BoxFuture<'_, _>> = listing
            .groups
            .iter()
            .map(|listed| async move { (listed, work.apply_members(listed, may_remove).await) }.boxed())
            .collect();
        let outcomes: Vec<_> = stream::iter(applying).buffer_unordered(AT_ONCE).collect().await;
        for (listed, outcome) in outcomes {
            match outcome {
                Ok((added, removed)) => {
                    self.done.counts.members_added += added;
                    self.done.counts.members_removed += removed;
                }
                Err(failure) => self.refused_group(listed, failure)?,
            }
        }
        Ok(())
    }

    fn refused_group(&mut self, listed: &ListedGroup, failure: Failure) -> Result<(), Trouble> {
        match stops(&failure) {
            Some(trouble) => Err(trouble),
            None => {
                self.refuse(format!("group {}: {failure}", listed.external_id));
                Ok(())
            }
        }
    }

    async fn apply_group(&self, listed: &ListedGroup) -> Result<Outcome, Failure> {
        let body = body(listed);
        let shown = Value::Object(body.clone());
        let resource = parse(self.caller, &mut body.clone(), &self.caller.registry.group)?;
        let source = self.connector.kind.name();
        let Some(at) = self.stored.group_by_external_id.get(&listed.external_id) else {
            let origin = pull::origin(self.context, self.caller, source, "/Groups".to_owned(), Some(&shown));
            let request = CreateGroup {
                resource,
                members: Vec::new(),
                answer_members: Derived::NotWanted,
                rules: Vec::new(),
                origin,
            };
            return create_group(self.context, self.caller, request)
                .await
                .map(|written| Outcome::Created(written.resource.id()));
        };
        let stored = &self.stored.groups[*at];
        if pull::digest_of(&resource, &self.caller.registry.group) == stored.digest {
            return Ok(Outcome::Same(stored.id.to_string()));
        }
        // What was there and is no more is cleared by name: a PUT would empty the group.
        let mut value = body;
        for (name, attribute) in &listed.attributes {
            value.insert(name.clone(), attribute.clone());
        }
        let operations = json!([{"op": "replace", "value": value}]);
        let written = self.patch_group(&stored.id.to_string(), operations).await?;
        Ok(Outcome::Updated(written.resource.id()))
    }

    async fn patch_group(&self, id: &str, operations: Value) -> Result<Written, Failure> {
        let mut body = Map::new();
        body.insert("schemas".into(), json!(["urn:ietf:params:scim:api:messages:2.0:PatchOp"]));
        body.insert("Operations".into(), operations);
        let source = self.connector.kind.name();
        let shown = Value::Object(body.clone());
        let origin = pull::origin(self.context, self.caller, source, format!("/Groups/{id}"), Some(&shown));
        let patch = patch::parse(&body, &self.caller.registry.group, self.caller.strictness());
        let request = PatchGroup {
            id: id.to_owned(),
            if_match: IfMatch::Any,
            patch,
            status: 204,
            answer_members: Derived::NotWanted,
            rules: Vec::new(),
            origin,
        };
        patch_group(self.context, self.caller, request).await
    }

    /// Adds members that are listed and, if the listing is complete, removes those that are not.
    async fn apply_members(&self, listed: &ListedGroup, may_remove: bool) -> Result<(u64, u64), Failure> {
        let (Some(members), Some(id)) = (&listed.members, self.ids.get(&listed.external_id)) else {
            return Ok((0, 0));
        };
        let Some(Member::Group(group)) = Member::from_value(id) else { return Ok((0, 0)) };
        let there = pull::members_of(self.context, self.caller, group).await?;
        let there: HashSet<String> = there.iter().map(Member::to_string).collect();
        // Who is not in this directory, from outside or out of scope, is no member in it.
        let wanted: HashSet<&String> =
            members.iter().filter_map(|member| self.ids.get(member)).filter(|member| *member != id).collect();
        let added: Vec<&String> = wanted.iter().copied().filter(|member| !there.contains(*member)).collect();
        let removed: Vec<&String> = match may_remove {
            true => there.iter().filter(|member| !wanted.contains(member)).collect(),
            false => Vec::new(),
        };
        // Removals first: they take access away.
        for chunk in removed.chunks(MEMBERS_AT_ONCE) {
            let remove = |terms: &[&String]| {
                let terms: Vec<String> =
                    terms.iter().map(|member| format!("value eq \"{member}\"")).collect();
                json!({"op": "remove", "path": format!("members[{}]", terms.join(" or "))})
            };
            self.patch_group(id, chunk.chunks(TERMS_AT_ONCE).map(remove).collect()).await?;
        }
        for chunk in added.chunks(MEMBERS_AT_ONCE) {
            let values: Vec<Value> = chunk.iter().map(|member| json!({"value": member})).collect();
            self.patch_group(id, json!([{"op": "add", "path": "members", "value": values}])).await?;
        }
        Ok((super::count(added.len()), super::count(removed.len())))
    }

    pub(super) async fn remove_groups(&mut self, groups: Vec<String>) -> Result<(), Trouble> {
        for id in groups {
            let source = self.connector.kind.name();
            let origin = pull::origin(self.context, self.caller, source, format!("/Groups/{id}"), None);
            match delete_group(self.context, self.caller, DeleteGroup { id, if_match: IfMatch::Any, origin })
                .await
            {
                Ok(()) => self.done.counts.groups_removed += 1,
                Err(failure) => {
                    if let Some(trouble) = stops(&failure) {
                        return Err(trouble);
                    }
                }
            }
        }
        Ok(())
    }
}

fn body(listed: &ListedGroup) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("externalId".into(), listed.external_id.as_str().into());
    body.insert("displayName".into(), listed.name.as_str().into());
    for (name, value) in &listed.attributes {
        body.insert(name.clone(), without_nulls(value));
    }
    body
}

fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let kept = object.iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(name, value)| (name.clone(), value.clone())).collect())
        }
        other => other.clone(),
    }
}
