//! The customer's people and groups as a provider is about to write them.

use crate::idp::link::Link;
use crate::idp::provider::{Account, Manager, Member, Team};
use crate::idp::random::Random;
use crate::idp::world::{Departure, Group, GroupKey, PersonKey, Presence};

use super::Run;

/// Kinds of things that have an identifier of their own at the provider.
const PERSON: u64 = 101;
const GROUP: u64 = 102;

impl Run {
    /// The person as they are now; none when they are gone for good.
    pub(super) fn account(&self, key: PersonKey) -> Option<Account> {
        let person = self.world.people.get(&key)?.clone();
        let manager = person.manager.and_then(|key| self.world.people.get(&key)).map(|manager| Manager {
            id: self.users.get(&manager.key).cloned(),
            external_id: self.external_id(manager.key),
            user_name: manager.user_name.clone(),
            display_name: manager.display_name.clone(),
        });
        Some(Account {
            external_id: self.external_id(key),
            is_active: person.presence == Presence::Here,
            manager,
            person,
        })
    }

    pub(super) fn external_id(&self, key: PersonKey) -> String {
        self.line.provider.external_id(Random::for_thing(self.seed, PERSON, key.0))
    }

    pub(super) fn team(&self, group: &Group) -> Team {
        Team {
            name: group.name.clone(),
            external_id: self.group_external_id(group.key),
            members: group.members.iter().filter_map(|key| self.member(*key)).collect(),
        }
    }

    pub(super) fn group_external_id(&self, key: GroupKey) -> String {
        self.line.provider.group_external_id(Random::for_thing(self.seed, GROUP, key.0))
    }

    /// The person as a member; only somebody who is at the server can be one.
    pub(super) fn member(&self, key: PersonKey) -> Option<Member> {
        let id = self.users.get(&key)?.clone();
        let display = self.world.people.get(&key)?.user_name.clone();
        Some(Member { id, display })
    }

    /// Everybody who should have a user at the server, active or not.
    pub(super) fn people_there(&self) -> Vec<PersonKey> {
        let deletes = self.habits.departure == Departure::Deletes;
        let people = self.world.people.values();
        people
            .filter(|person| person.presence == Presence::Here || !deletes)
            .map(|person| person.key)
            .collect()
    }

    pub(super) fn link(&self, step: &str) -> Link {
        Link::new(&self.line, step)
    }
}
