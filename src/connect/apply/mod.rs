//! Makes a directory what a listing says, by the verbs that SCIM uses, and only where they differ.
//!
//! Who is suspended or terminated comes first: it needs no complete listing, and nothing else that is
//! wrong may delay it.

mod groups;
mod users;

use std::collections::{BTreeMap, HashMap};

use crate::model::connector::{Connector, Counts};
use crate::scim::Strictness;
use crate::scim::resource::{self, Resource};
use crate::scim::schema::TypeSchema;
use crate::scim::{self, dialect};
use crate::service::pull::Stored;
use crate::service::{Caller, Context, Failure, pull};

use super::guard;
use super::listing::Listing;
use super::trouble::Trouble;
use serde_json::{Map, Value};

/// Everything that a run changes is changed through this.
pub struct Work<'w> {
    pub context: &'w Context,
    pub caller: &'w Caller,
    pub connector: &'w Connector,
    pub stored: Stored,
    /// SCIM ids by the provider's ids, for memberships.
    pub ids: HashMap<String, String>,
    pub done: Done,
}

/// What was done.
#[derive(Debug, Default)]
pub struct Done {
    pub counts: Counts,
    pub refused: Vec<String>,
    /// Removed without approval, to be remembered.
    pub unapproved: u64,
    pub wait: BTreeMap<String, String>,
    /// SCIM ids that are absent, whatever becomes of them.
    pub absent: Vec<String>,
}

/// Those who are stored and not listed, by the provider's id where there is one.
pub struct Missing {
    pub users: Vec<(usize, Option<String>)>,
    pub groups: Vec<usize>,
}

impl<'w> Work<'w> {
    /// # Errors
    ///
    /// [`Failure`] of the store.
    pub async fn new(
        context: &'w Context,
        caller: &'w Caller,
        connector: &'w Connector,
    ) -> Result<Self, Failure> {
        let stored = pull::stored(context, caller).await?;
        let mut ids = HashMap::new();
        ids.extend(
            stored.user_by_external_id.iter().map(|(id, at)| (id.clone(), stored.users[*at].id.to_string())),
        );
        ids.extend(
            stored
                .group_by_external_id
                .iter()
                .map(|(id, at)| (id.clone(), stored.groups[*at].id.to_string())),
        );
        Ok(Self { context, caller, connector, stored, ids, done: Done::default() })
    }

    /// Applies what was listed, and removes who was not, if that is proven.
    ///
    /// # Errors
    ///
    /// When the directory takes nothing any more, or the store can't go on.
    pub async fn apply(&mut self, listing: &Listing) -> Result<(), Trouble> {
        self.done.counts.users_listed = count(listing.users.len());
        self.done.counts.groups_listed = count(listing.groups.len());
        self.done.refused = listing.refused.clone();
        self.done.counts.refused = listing.refused_count;
        self.apply_users(listing).await?;
        self.apply_groups(listing).await
    }

    /// Who would be removed if the listing is complete.
    pub fn missing(&self, listing: &Listing) -> Missing {
        let mut external_ids: Vec<Option<&String>> = vec![None; self.stored.users.len()];
        self.stored.user_by_external_id.iter().for_each(|(id, at)| external_ids[*at] = Some(id));
        let adopted = self.adopted(listing);
        let users = external_ids.into_iter().enumerate().filter_map(|(at, id)| {
            let is_there = id.is_some_and(|id| listing.lists_user(id)) || adopted.contains(&at);
            (!is_there).then(|| (at, id.cloned()))
        });
        let users = users.collect();
        if !listing.has_groups {
            return Missing { users, groups: Vec::new() };
        }
        let mut named = vec![false; self.stored.groups.len()];
        for (id, at) in &self.stored.group_by_external_id {
            named[*at] = listing.lists_group(id);
        }
        let groups =
            named.iter().enumerate().filter_map(|(at, is_there)| (!is_there).then_some(at)).collect();
        Missing { users, groups }
    }

    /// Judges who is missing; nobody is removed here.
    fn judge(&mut self, missing: &Missing) -> (Vec<String>, Vec<String>) {
        let now = self.context.clock.now();
        let memory = &self.connector.memory;
        let active = self.stored.users.iter().filter(|user| user.is_active).count();
        let absent = missing.users.iter().map(|(at, _)| {
            let user = &self.stored.users[*at];
            guard::Absent { id: user.id.to_string(), name: user.user_name.clone(), counts: user.is_active }
        });
        let users = guard::judge(memory, now, active, absent.collect());
        let absent = missing.groups.iter().map(|at| {
            let group = &self.stored.groups[*at];
            guard::Absent { id: group.id.to_string(), name: group.name.clone(), counts: true }
        });
        // Removals of groups are few and judged apart, run by run.
        let alone = crate::model::connector::Memory { removed: Vec::new(), ..memory.clone() };
        let groups = guard::judge(&alone, now, self.stored.groups.len(), absent.collect());
        self.done.unapproved = users.unapproved;
        self.done.wait = users.wait;
        self.done.wait.extend(groups.wait);
        self.done.counts.waiting = count(self.done.wait.len());
        let absent_users = missing.users.iter().map(|(at, _)| self.stored.users[*at].id.to_string());
        let absent_groups = missing.groups.iter().map(|at| self.stored.groups[*at].id.to_string());
        self.done.absent = absent_users.chain(absent_groups).collect();
        (users.remove, groups.remove)
    }

    fn refuse(&mut self, what: String) {
        self.done.counts.refused += 1;
        if self.done.refused.len() < crate::base::limits::CONNECTOR_REFUSED_SHOWN_MAX {
            self.done.refused.push(what);
        }
    }
}

/// Reads a body of ours as SCIM reads one of a provider.
fn parse(
    caller: &Caller,
    body: &mut Map<String, Value>,
    schema: &TypeSchema,
) -> Result<Resource, scim::Error> {
    if caller.strictness() == Strictness::Lenient {
        dialect::rewrite_resource(body, schema);
    }
    let mut parsed = resource::parse(body, schema)?;
    resource::check(schema, &mut parsed.resource)?;
    Ok(parsed.resource)
}

/// Failures after which nothing more can be done in this run; others concern one record.
fn stops(failure: &Failure) -> Option<Trouble> {
    match failure {
        Failure::Gone | Failure::Paused => Some(Trouble::own(
            "the directory was paused or deleted while the run went on",
            "link it to go on",
        )),
        Failure::Unavailable | Failure::Store(_) | Failure::DirectoryBusy => {
            Some(Trouble::own("the store took no more changes", "it is tried again at the next run"))
        }
        Failure::Scim(_) | Failure::NotFound { .. } | Failure::VersionMismatch { .. } => None,
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
