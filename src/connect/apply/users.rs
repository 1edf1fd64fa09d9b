//! Applies the users of a listing.

use std::collections::HashSet;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, stream};
use serde_json::{Map, Value};

use crate::base::limits;
use crate::base::text::fold;
use crate::connect::listing::{ListedUser, Listing};
use crate::connect::trouble::Trouble;
use crate::scim::patch::{Operation, Patch, Write};
use crate::scim::path;
use crate::scim::resource::Resource;
use crate::scim::{self, Strictness};
use crate::service::changes::{IfMatch, Replacement, Unmentioned, Written};
use crate::service::pull::{self, StoredUser};
use crate::service::resources::Loaded;
use crate::service::users::{
    CreateUser, DeleteUser, UpdateUser, create_user, delete_user, patch_user, replace_user,
};
use crate::service::{Failure, Origin};

use super::{Work, count, parse, stops};

/// Users whose changes are prepared together.
const TASKS_AT_ONCE: usize = 1_024;

/// What became of one listed user.
enum Outcome {
    Same,
    Created(String),
    Updated(String),
    Deactivated(String),
    Failed(Failure),
}

/// One listed user and what there is to do.
struct Task<'l> {
    listed: &'l ListedUser,
    stored: Option<StoredUser>,
}

impl Work<'_> {
    /// In this order: who is suspended or terminated; changes; removals, which make room for names;
    /// new users; and once more what a name stood in the way of.
    pub(super) async fn apply_users(&mut self, listing: &Listing) -> Result<(), Trouble> {
        let tasks =
            listing.users.iter().map(|listed| Task { listed, stored: self.stored_user(listed).cloned() });
        let (present, new): (Vec<Task<'_>>, Vec<Task<'_>>) = tasks.partition(|task| task.stored.is_some());
        let is_leaving = |task: &Task<'_>| {
            task.listed.active == Some(false) && task.stored.as_ref().is_some_and(|stored| stored.is_active)
        };
        let (leaving, staying): (Vec<Task<'_>>, Vec<Task<'_>>) = present.into_iter().partition(is_leaving);
        self.perform(leaving, Retry::No).await?;
        let mut again = self.perform(staying, Retry::Conflicts).await?;
        if listing.is_complete() {
            self.remove(listing).await?;
        }
        again.extend(self.perform(new, Retry::Conflicts).await?);
        self.perform(again, Retry::No).await?;
        Ok(())
    }

    /// The stored user that a listed one is: by id, else by name if the stored one has no id.
    fn stored_user(&self, listed: &ListedUser) -> Option<&StoredUser> {
        let by_id = self.stored.user_by_external_id.get(&listed.external_id);
        by_id.or_else(|| self.by_name(listed)).map(|at| &self.stored.users[*at])
    }

    fn by_name(&self, listed: &ListedUser) -> Option<&usize> {
        if self.stored.user_by_name.is_empty() {
            return None;
        }
        let body: Map<String, Value> = serde_json::from_str(&listed.body).ok()?;
        self.stored.user_by_name.get(&fold(body.get("userName")?.as_str()?))
    }

    /// Stored users without id that a listed one is by name.
    pub(super) fn adopted(&self, listing: &Listing) -> HashSet<usize> {
        let unknown =
            |listed: &&ListedUser| !self.stored.user_by_external_id.contains_key(&listed.external_id);
        listing.users.iter().filter(unknown).filter_map(|listed| self.by_name(listed).copied()).collect()
    }

    /// Does what there is to do, several at a time; gives back what failed and may not fail again.
    async fn perform<'l>(&mut self, tasks: Vec<Task<'l>>, retry: Retry) -> Result<Vec<Task<'l>>, Trouble> {
        let mut again = Vec::new();
        let mut rest = tasks.into_iter().peekable();
        while rest.peek().is_some() {
            let tasks: Vec<Task<'l>> = rest.by_ref().take(TASKS_AT_ONCE).collect();
            let work = &*self;
            let outcomes: Vec<BoxFuture<'_, (Outcome, Task<'l>)>> = tasks
                .into_iter()
                .map(|task| async move { (work.apply_user(&task).await, task) }.boxed())
                .collect();
            let outcomes: Vec<(Outcome, Task<'l>)> = stream::iter(outcomes)
                .buffer_unordered(limits::CONNECTOR_CHANGES_AT_ONCE_MAX)
                .collect()
                .await;
            for (outcome, task) in outcomes {
                match outcome {
                    Outcome::Same => {}
                    Outcome::Failed(failure) => match stops(&failure) {
                        Some(trouble) => return Err(trouble),
                        None if retry == Retry::Conflicts && is_conflict(&failure) => again.push(task),
                        None => self.refuse(format!("{}: {failure}", task.listed.external_id)),
                    },
                    outcome => self.note(outcome, &task.listed.external_id),
                }
            }
        }
        Ok(again)
    }

    fn note(&mut self, outcome: Outcome, external_id: &str) {
        let counts = &mut self.done.counts;
        let id = match outcome {
            Outcome::Same | Outcome::Failed(_) => return,
            Outcome::Created(id) => {
                counts.users_created += 1;
                id
            }
            Outcome::Updated(id) => {
                counts.users_updated += 1;
                id
            }
            Outcome::Deactivated(id) => {
                counts.users_deactivated += 1;
                id
            }
        };
        self.ids.insert(external_id.to_owned(), id);
    }

    async fn apply_user(&self, task: &Task<'_>) -> Outcome {
        let listed = task.listed;
        let leaves =
            listed.active == Some(false) && task.stored.as_ref().is_some_and(|stored| stored.is_active);
        let done = match (&task.stored, listed.body.is_empty()) {
            // There is nothing to make a user of, or to change.
            (_, true) if !leaves => return Outcome::Same,
            (Some(stored), true) => self.deactivate(stored).await,
            (None, _) => self.create(listed).await,
            (Some(stored), false) => match self.replace(listed, stored, leaves).await {
                Some(done) => done,
                None => return Outcome::Same,
            },
        };
        let id = match done {
            Ok(Written { resource: Loaded::User { row, .. }, .. }) => row.id.to_string(),
            Ok(written) => written.resource.id(),
            Err(failure) => return Outcome::Failed(failure),
        };
        match (&task.stored, leaves) {
            (None, _) => Outcome::Created(id),
            (Some(_), true) => Outcome::Deactivated(id),
            (Some(_), false) => Outcome::Updated(id),
        }
    }

    fn resource(&self, listed: &ListedUser) -> (Option<Value>, Result<Resource, scim::Error>) {
        let Ok(Value::Object(mut body)) = serde_json::from_str::<Value>(&listed.body) else {
            return (None, Err(scim::Error::invalid_value("the record can't be read")));
        };
        let shown = Value::Object(body.clone());
        (Some(shown), parse(self.caller, &mut body, &self.caller.registry.user))
    }

    fn origin(&self, path: String, body: Option<&Value>) -> Origin {
        pull::origin(self.context, self.caller, self.connector.kind.name(), path, body)
    }

    async fn create(&self, listed: &ListedUser) -> Result<Written, Failure> {
        let (body, resource) = self.resource(listed);
        let origin = self.origin("/Users".to_owned(), body.as_ref());
        create_user(self.context, self.caller, CreateUser { resource: resource?, rules: Vec::new(), origin })
            .await
    }

    /// None when the user is as listed already.
    async fn replace(
        &self,
        listed: &ListedUser,
        stored: &StoredUser,
        leaves: bool,
    ) -> Option<Result<Written, Failure>> {
        let (body, resource) = self.resource(listed);
        if let Ok(resource) = &resource {
            let is_same = pull::digest_of(resource, &self.caller.registry.user) == stored.digest;
            if is_same && listed.active.is_none_or(|active| active == stored.is_active) {
                return None;
            }
        }
        let id = stored.id.to_string();
        let origin = self.origin(format!("/Users/{id}"), body.as_ref());
        let (if_match, rules) = (IfMatch::Any, Vec::new());
        let body = resource.map(|body| Replacement { body, unmentioned_external_id: Unmentioned::Kept });
        let request = UpdateUser { id, if_match, body, deactivates: leaves, rules, origin };
        let done = replace_user(self.context, self.caller, request).await;
        Some(match done {
            // A strict directory takes all or nothing: then the deactivation alone.
            Err(failure) if leaves && stops(&failure).is_none() => self.deactivate(stored).await,
            done => done,
        })
    }

    async fn deactivate(&self, stored: &StoredUser) -> Result<Written, Failure> {
        let path = path::parse("active", &self.caller.registry.user, Strictness::Strict, &mut Vec::new())?;
        let operation =
            Operation::Write { mode: Write::Replace, path: Some(path), value: Value::Bool(false) };
        let patch = Patch { operations: vec![operation], rules: Vec::new() };
        let id = stored.id.to_string();
        let origin = self.origin(format!("/Users/{id}"), None);
        let (if_match, rules) = (IfMatch::Any, Vec::new());
        let request = UpdateUser { id, if_match, body: Ok(patch), deactivates: true, rules, origin };
        patch_user(self.context, self.caller, request).await
    }

    async fn delete(&self, id: String) -> Result<(), Failure> {
        let origin = self.origin(format!("/Users/{id}"), None);
        delete_user(self.context, self.caller, DeleteUser { id, if_match: IfMatch::Any, origin }).await
    }

    /// Removes who is absent, as far as the guard lets go.
    async fn remove(&mut self, listing: &Listing) -> Result<(), Trouble> {
        let missing = self.missing(listing);
        let (users, groups) = self.judge(&missing);
        let work = &*self;
        let removing: Vec<BoxFuture<'_, Result<(), Failure>>> =
            users.into_iter().map(|id| work.delete(id).boxed()).collect();
        let outcomes: Vec<Result<(), Failure>> =
            stream::iter(removing).buffer_unordered(limits::CONNECTOR_CHANGES_AT_ONCE_MAX).collect().await;
        self.done.counts.users_removed = count(outcomes.iter().filter(|outcome| outcome.is_ok()).count());
        for failure in outcomes.into_iter().filter_map(Result::err) {
            if let Some(trouble) = stops(&failure) {
                return Err(trouble);
            }
        }
        self.remove_groups(groups).await
    }
}

/// Whether what a name stood in the way of is tried once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Retry {
    Conflicts,
    No,
}

fn is_conflict(failure: &Failure) -> bool {
    matches!(failure, Failure::Scim(error) if error.scim_type == scim::ScimType::Uniqueness)
}
