//! The fake customer's own directory: its people and groups, and what its admins and HR do to them.

use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::UnicodeNormalization;

use super::names;
use super::random::Random;

/// A person, for as long as the customer lives; never given to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PersonKey(pub usize);

/// A group, likewise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GroupKey(pub usize);

/// Whether the person works there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    Here,
    /// Gone, but the provider still knows them.
    Left,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub key: PersonKey,
    pub presence: Presence,
    pub user_name: String,
    pub email: String,
    pub given_name: String,
    pub family_name: String,
    pub display_name: String,
    pub title: Option<String>,
    pub department: Option<String>,
    pub employee_number: Option<String>,
    pub phone: Option<String>,
    pub city: Option<String>,
    pub country: Option<String>,
    pub locale: Option<String>,
    pub manager: Option<PersonKey>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub key: GroupKey,
    pub name: String,
    pub members: BTreeSet<PersonKey>,
}

/// What one of the customer's admins does.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    Hire(Box<Person>),
    Rename {
        person: PersonKey,
        given_name: String,
        family_name: String,
        display_name: String,
    },
    /// The e-mail address and with it the user name.
    EmailChange {
        person: PersonKey,
        email: String,
    },
    Promote {
        person: PersonKey,
        title: String,
    },
    MoveTeam {
        person: PersonKey,
        from: GroupKey,
        to: GroupKey,
        department: String,
    },
    Leave {
        person: PersonKey,
    },
    Rehire {
        person: PersonKey,
    },
    /// Removed for good, some time after having left.
    Erase {
        person: PersonKey,
    },
    GroupCreate(Group),
    GroupRename {
        group: GroupKey,
        name: String,
    },
    GroupDelete {
        group: GroupKey,
    },
    AddMembers {
        group: GroupKey,
        people: Vec<PersonKey>,
    },
    RemoveMembers {
        group: GroupKey,
        people: Vec<PersonKey>,
    },
}

/// What leaving means at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Departure {
    /// The user stays there, inactive, in its groups.
    Deactivates,
    /// The user is deleted.
    Deletes,
}

/// Everyone and every group, as the provider knows them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct World {
    pub people: BTreeMap<PersonKey, Person>,
    pub groups: BTreeMap<GroupKey, Group>,
}

impl World {
    /// A customer of that size, the same for the same seed.
    pub fn generate(seed: u64, people: usize, groups: usize) -> Self {
        let mut world = Self::default();
        for number in 0..people {
            let mut person = person(seed, number);
            // A tree: everyone but the first reports to somebody who was there before.
            person.manager = (number > 0).then_some(PersonKey(number / 8));
            world.people.insert(person.key, person);
        }
        for number in 0..groups {
            let mut group = group(seed, number);
            let mut random = Random::for_thing(seed, 3, number);
            // Some large, most small, and now and then an empty one.
            let size = match number % 8 {
                0 => people / 2,
                7 => 0,
                _ => (people / 10).clamp(1, 60),
            };
            group.members.extend((0..size.min(people)).map(|_| PersonKey(random.below(people))));
            world.groups.insert(group.key, group);
        }
        world
    }

    /// Makes the change true here; what it names and is not there is left out.
    pub fn apply(&mut self, change: &Change, departure: Departure) {
        match change {
            Change::Hire(person) => {
                self.people.insert(person.key, (**person).clone());
            }
            Change::Leave { person } => self.leave(*person, departure),
            Change::Erase { person } => self.erase(*person),
            Change::GroupCreate(group) => {
                self.groups.insert(group.key, group.clone());
            }
            Change::GroupDelete { group } => {
                self.groups.remove(group);
            }
            Change::GroupRename { group, name } => {
                if let Some(group) = self.groups.get_mut(group) {
                    group.name.clone_from(name);
                }
            }
            Change::AddMembers { group, people } => {
                let present: Vec<PersonKey> =
                    people.iter().copied().filter(|person| self.people.contains_key(person)).collect();
                if let Some(group) = self.groups.get_mut(group) {
                    group.members.extend(present);
                }
            }
            Change::RemoveMembers { group, people } => {
                if let Some(group) = self.groups.get_mut(group) {
                    group.members.retain(|member| !people.contains(member));
                }
            }
            Change::Rename { .. }
            | Change::EmailChange { .. }
            | Change::Promote { .. }
            | Change::MoveTeam { .. }
            | Change::Rehire { .. } => self.change_person(change),
        }
    }

    fn change_person(&mut self, change: &Change) {
        let Some(person) = change.person().and_then(|key| self.people.get_mut(&key)) else { return };
        match change {
            Change::Rename { given_name, family_name, display_name, .. } => {
                person.given_name.clone_from(given_name);
                person.family_name.clone_from(family_name);
                person.display_name.clone_from(display_name);
            }
            Change::EmailChange { email, .. } => {
                person.email.clone_from(email);
                person.user_name.clone_from(email);
            }
            Change::Promote { title, .. } => person.title = Some(title.clone()),
            Change::Rehire { .. } => person.presence = Presence::Here,
            Change::MoveTeam { person: key, from, to, department } => {
                person.department = Some(department.clone());
                if let Some(group) = self.groups.get_mut(from) {
                    group.members.remove(key);
                }
                if let Some(group) = self.groups.get_mut(to) {
                    group.members.insert(*key);
                }
            }
            _ => {}
        }
    }

    fn leave(&mut self, key: PersonKey, departure: Departure) {
        if let Some(person) = self.people.get_mut(&key) {
            person.presence = Presence::Left;
        }
        if departure == Departure::Deletes {
            self.take_out_of_groups(key);
        }
    }

    fn erase(&mut self, key: PersonKey) {
        self.people.remove(&key);
        self.take_out_of_groups(key);
    }

    fn take_out_of_groups(&mut self, key: PersonKey) {
        for group in self.groups.values_mut() {
            group.members.remove(&key);
        }
    }
}

impl Change {
    /// The one person that it is about.
    pub fn person(&self) -> Option<PersonKey> {
        match self {
            Self::Hire(person) => Some(person.key),
            Self::Rename { person, .. }
            | Self::EmailChange { person, .. }
            | Self::Promote { person, .. }
            | Self::MoveTeam { person, .. }
            | Self::Leave { person }
            | Self::Rehire { person }
            | Self::Erase { person } => Some(*person),
            Self::GroupCreate(_)
            | Self::GroupRename { .. }
            | Self::GroupDelete { .. }
            | Self::AddMembers { .. }
            | Self::RemoveMembers { .. } => None,
        }
    }

    /// The groups that it is about.
    pub fn groups(&self) -> Vec<GroupKey> {
        match self {
            Self::MoveTeam { from, to, .. } => vec![*from, *to],
            Self::GroupCreate(group) => vec![group.key],
            Self::GroupRename { group, .. }
            | Self::GroupDelete { group }
            | Self::AddMembers { group, .. }
            | Self::RemoveMembers { group, .. } => vec![*group],
            Self::Hire(_)
            | Self::Rename { .. }
            | Self::EmailChange { .. }
            | Self::Promote { .. }
            | Self::Leave { .. }
            | Self::Rehire { .. }
            | Self::Erase { .. } => Vec::new(),
        }
    }
}

/// The person of that number, as at the time of being hired.
pub fn person(seed: u64, number: usize) -> Person {
    let mut random = Random::for_thing(seed, 1, number);
    let (given, family) = (random.pick(names::GIVEN), random.pick(names::FAMILY));
    let display_name = match random.is_one_in(12) {
        true => format!("{given} \"{}\" {family}", random.pick(names::NICKNAMES)),
        false => format!("{given} {family}"),
    };
    let email = address(given, family, number);
    let (city, country) = names::CITIES[random.below(names::CITIES.len())];
    let mostly = |random: &mut Random, text: String| (!random.is_one_in(10)).then_some(text);
    Person {
        key: PersonKey(number),
        presence: Presence::Here,
        user_name: email.clone(),
        email,
        given_name: given.to_owned(),
        family_name: family.to_owned(),
        display_name,
        title: Some(random.pick(names::TITLES).to_owned()),
        department: Some(random.pick(names::DEPARTMENTS).to_owned()),
        employee_number: Some(format!("E{:05}", 10_000 + number)),
        phone: {
            let line = 1_000 + random.below(9_000);
            mostly(&mut random, format!("+1-555-01{:02}-{line}", number % 100))
        },
        city: mostly(&mut random, city.to_owned()),
        country: Some(country.to_owned()),
        locale: Some(random.pick(names::LOCALES).to_owned()),
        manager: None,
    }
}

/// The group of that number, without members.
pub fn group(_seed: u64, number: usize) -> Group {
    let name = names::GROUPS[number % names::GROUPS.len()];
    let name = match number / names::GROUPS.len() {
        0 => name.to_owned(),
        round => format!("{name} {}", round + 1),
    };
    Group { key: GroupKey(number), name, members: BTreeSet::new() }
}

/// An address of ASCII, apostrophes and plus signs kept, unique by its number and of mixed case.
pub fn address(given: &str, family: &str, number: usize) -> String {
    let ascii = |name: &str| -> String {
        let plain =
            name.nfd().filter(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '\'' | '-'));
        plain.collect()
    };
    let (given, family) = (ascii(given), ascii(family));
    let local = match (given.is_empty(), family.is_empty()) {
        (true, true) => "user".to_owned(),
        (true, false) => family,
        (false, true) => given,
        (false, false) => format!("{given}.{family}"),
    };
    let tag = if number % 17 == 5 { "+work" } else { "" };
    let local = if number.is_multiple_of(3) { local } else { local.to_lowercase() };
    format!("{local}.{number}{tag}@acme.example")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_the_customer_and_another_does_not() {
        assert_eq!(World::generate(1, 50, 8), World::generate(1, 50, 8));
        assert_ne!(World::generate(1, 50, 8), World::generate(2, 50, 8));
    }

    #[test]
    fn user_names_and_group_names_are_unique_without_regard_to_case() {
        let world = World::generate(3, 3_000, 100);
        let users: BTreeSet<String> =
            world.people.values().map(|person| person.user_name.to_lowercase()).collect();
        let groups: BTreeSet<String> = world.groups.values().map(|group| group.name.to_lowercase()).collect();
        assert_eq!((users.len(), groups.len()), (3_000, 100));
    }

    #[test]
    fn leaving_keeps_memberships_unless_the_provider_deletes() {
        let mut world = World::default();
        world.people.insert(PersonKey(1), person(1, 1));
        let mut group = group(1, 0);
        group.members.insert(PersonKey(1));
        world.groups.insert(group.key, group);
        let mut other = world.clone();
        world.apply(&Change::Leave { person: PersonKey(1) }, Departure::Deactivates);
        other.apply(&Change::Leave { person: PersonKey(1) }, Departure::Deletes);
        assert_eq!(world.groups[&GroupKey(0)].members.len(), 1);
        assert_eq!(other.groups[&GroupKey(0)].members.len(), 0);
        assert_eq!(world.people[&PersonKey(1)].presence, Presence::Left);
    }
}
