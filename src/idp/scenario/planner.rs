//! Writes the acts of the scenarios, keeping track of how the customer's directory looks after each.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::idp::names;
use crate::idp::random::Random;
use crate::idp::world::{self, Change, Departure, Group, GroupKey, Person, PersonKey, Presence, World};

use super::{Act, Size};

/// What the provider does when people leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Habits {
    pub departure: Departure,
    /// Users who left are deleted some time later.
    pub erases: bool,
}

/// Hours of a working day, and acts in it.
const DAY_SECS: u64 = 8 * 3600;
const DAY_ACTS: usize = 80;

pub struct Planner {
    seed: u64,
    habits: Habits,
    world: World,
    random: Random,
    acts: Vec<Act>,
    people_ever: usize,
    groups_ever: usize,
    pause: Duration,
}

impl Planner {
    pub fn new(seed: u64, size: Size, habits: Habits) -> Self {
        Self {
            seed,
            habits,
            world: World::generate(seed, size.people, size.groups),
            random: Random::for_thing(seed, 9, 0),
            acts: Vec::new(),
            people_ever: size.people,
            groups_ever: size.groups,
            pause: Duration::ZERO,
        }
    }

    pub fn world(&self) -> &World {
        &self.world
    }

    pub fn acts(self) -> Vec<Act> {
        self.acts
    }

    pub fn hire(&mut self) {
        let first = self.hire_one();
        let second = self.hire_one();
        let group = self.some_group();
        self.add(group, vec![second]);
        self.add(group, vec![first]);
    }

    pub fn rename(&mut self) {
        let person = self.somebody();
        self.rename_one(person);
        let person = self.somebody();
        self.promote(person);
    }

    pub fn email_change(&mut self) {
        let person = self.somebody();
        let email = self.new_address(person);
        self.act(
            format!("{} has the address {email}", self.name(person)),
            Change::EmailChange { person, email },
        );
        let email = self.person(person).user_name.to_uppercase();
        let title = format!("{} wants the address in capitals", self.name(person));
        self.act(title, Change::EmailChange { person, email });
    }

    pub fn move_team(&mut self) {
        let (from, to) = self.two_groups();
        let person = self.member_of(from);
        self.move_one(person, from, to);
    }

    pub fn leave(&mut self) {
        let group = self.some_group();
        let person = self.member_of(group);
        self.leave_one(person);
        let other = self.somebody();
        self.leave_one(other);
        // Left for good, and left while others still report to them.
        if self.habits.erases {
            self.act(
                format!("{} is erased, a month later", self.name(other)),
                Change::Erase { person: other },
            );
        }
    }

    pub fn rehire(&mut self) {
        let group = self.some_group();
        let person = self.member_of(group);
        self.leave_one(person);
        self.act(format!("{} is back", self.name(person)), Change::Rehire { person });
        self.add(group, vec![person]);
    }

    pub fn group_rename(&mut self) {
        let group = self.some_group();
        self.rename_and_back(group);
        let people = [self.somebody(), self.somebody(), self.somebody()];
        let new = self.create_group(people.into_iter().collect());
        let more = self.somebody();
        self.add(new, vec![more]);
        self.remove(new, vec![more]);
        let everybody: Vec<PersonKey> = self.world.groups[&new].members.iter().copied().collect();
        self.remove(new, everybody);
        let empty = self.create_group(BTreeSet::new());
        self.rename_group(empty, "Nobody's / group".to_owned());
        self.delete_group(empty);
    }

    pub fn big_group(&mut self) {
        let everybody: BTreeSet<PersonKey> = self.world.people.keys().copied().collect();
        let group = self.create_group(everybody.clone());
        let half: Vec<PersonKey> = everybody.into_iter().step_by(2).collect();
        self.remove(group, half.clone());
        self.add(group, half);
    }

    pub fn mass_offboard(&mut self) {
        let here = self.people_here();
        let leaving: Vec<PersonKey> = here.iter().copied().take(here.len() * 6 / 10).collect();
        let title = format!("{} of {} people leave at once", leaving.len(), here.len());
        self.act_all(title, leaving.into_iter().map(|person| Change::Leave { person }).collect());
    }

    pub fn day(&mut self) {
        for _ in 0..DAY_ACTS {
            let longest = usize::try_from(2 * DAY_SECS).unwrap_or(usize::MAX) / DAY_ACTS;
            self.pause = Duration::from_secs(self.random.below(longest) as u64);
            match self.random.below(20) {
                0..=3 => {
                    self.hire_one();
                }
                4..=6 => {
                    let group = self.some_group();
                    let person = self.somebody();
                    self.add_if_new(group, person);
                }
                7..=8 => self.move_team(),
                9..=10 => {
                    let person = self.somebody();
                    self.promote(person);
                }
                11 => {
                    let person = self.somebody();
                    self.rename_one(person);
                }
                12 => self.email_change(),
                13..=14 => {
                    let person = self.somebody();
                    self.leave_one(person);
                }
                15 => self.bring_back(),
                16 => {
                    let group = self.some_group();
                    self.rename_and_back(group);
                }
                17 => {
                    let people = (0..self.random.below(6)).map(|_| self.somebody()).collect();
                    self.create_group(people);
                }
                _ => {
                    let group = self.some_group();
                    let person = self.member_of(group);
                    self.remove(group, vec![person]);
                }
            }
        }
        self.pause = Duration::ZERO;
    }

    fn hire_one(&mut self) -> PersonKey {
        let mut person = world::person(self.seed, self.people_ever);
        self.people_ever += 1;
        person.manager = Some(self.somebody());
        let key = person.key;
        self.act(format!("{} is hired", person.display_name), Change::Hire(Box::new(person)));
        key
    }

    fn rename_one(&mut self, person: PersonKey) {
        let given_name = self.person(person).given_name.clone();
        let old = self.person(person).family_name.clone();
        let partner = self.random.pick(names::FAMILY);
        let family_name = format!("{partner}-{}", old.split('-').next_back().unwrap_or(&old));
        let display_name = format!("{given_name} {family_name}");
        let title = format!("{} is now {display_name}", self.name(person));
        self.act(title, Change::Rename { person, given_name, family_name, display_name });
    }

    fn promote(&mut self, person: PersonKey) {
        let mut title = self.random.pick(names::TITLES).to_owned();
        if self.person(person).title.as_ref() == Some(&title) {
            title = format!("Principal {title}");
        }
        self.act(format!("{} is promoted: {title}", self.name(person)), Change::Promote { person, title });
    }

    fn move_one(&mut self, person: PersonKey, from: GroupKey, to: GroupKey) {
        let department = self.random.pick(names::DEPARTMENTS).to_owned();
        let (old, new) = (&self.world.groups[&from].name, &self.world.groups[&to].name);
        let title = format!("{} moves from {old:?} to {new:?}", self.name(person));
        self.act(title, Change::MoveTeam { person, from, to, department });
    }

    fn leave_one(&mut self, person: PersonKey) {
        self.act(format!("{} leaves", self.name(person)), Change::Leave { person });
    }

    fn bring_back(&mut self) {
        let left = self.world.people.values().find(|person| person.presence == Presence::Left);
        if let Some(person) = left.map(|person| person.key) {
            self.act(format!("{} is back", self.name(person)), Change::Rehire { person });
        }
    }

    fn create_group(&mut self, members: BTreeSet<PersonKey>) -> GroupKey {
        let mut group = world::group(self.seed, self.groups_ever);
        self.groups_ever += 1;
        group.members = members;
        let key = group.key;
        let title = format!("the group {:?} is made with {} members", group.name, group.members.len());
        self.act(title, Change::GroupCreate(group));
        key
    }

    /// Back again, so that the same customer can be played once more against the same server, where a group
    /// of the new name would be in the way.
    fn rename_and_back(&mut self, group: GroupKey) {
        let old = self.group(group).name.clone();
        self.rename_group(group, format!("{old} (new)"));
        self.rename_group(group, old);
    }

    fn rename_group(&mut self, group: GroupKey, name: String) {
        let title = format!("the group {:?} is now {name:?}", self.group(group).name);
        self.act(title, Change::GroupRename { group, name });
    }

    fn delete_group(&mut self, group: GroupKey) {
        let title = format!("the group {:?} is deleted", self.group(group).name);
        self.act(title, Change::GroupDelete { group });
    }

    fn add(&mut self, group: GroupKey, people: Vec<PersonKey>) {
        let title = format!("{} into {:?}", self.these(&people), self.group(group).name);
        self.act(title, Change::AddMembers { group, people });
    }

    fn add_if_new(&mut self, group: GroupKey, person: PersonKey) {
        if !self.group(group).members.contains(&person) {
            self.add(group, vec![person]);
        }
    }

    fn remove(&mut self, group: GroupKey, people: Vec<PersonKey>) {
        let title = format!("{} out of {:?}", self.these(&people), self.group(group).name);
        self.act(title, Change::RemoveMembers { group, people });
    }

    fn act(&mut self, title: String, change: Change) {
        self.act_all(title, vec![change]);
    }

    fn act_all(&mut self, title: String, changes: Vec<Change>) {
        for change in &changes {
            self.world.apply(change, self.habits.departure);
        }
        self.acts.push(Act { title, changes, after: self.pause });
    }

    fn people_here(&self) -> Vec<PersonKey> {
        let here = self.world.people.values().filter(|person| person.presence == Presence::Here);
        here.map(|person| person.key).collect()
    }

    /// Somebody who works there; new people are hired before the last one is gone.
    fn somebody(&mut self) -> PersonKey {
        let here = self.people_here();
        match here.len() {
            0 => PersonKey(0),
            count => here[self.random.below(count)],
        }
    }

    fn some_group(&mut self) -> GroupKey {
        let groups: Vec<GroupKey> = self.world.groups.keys().copied().collect();
        match groups.len() {
            0 => GroupKey(0),
            count => groups[self.random.below(count)],
        }
    }

    fn two_groups(&mut self) -> (GroupKey, GroupKey) {
        let from = self.some_group();
        let others: Vec<GroupKey> =
            self.world.groups.keys().copied().filter(|group| *group != from).collect();
        match others.len() {
            0 => (from, from),
            count => (from, others[self.random.below(count)]),
        }
    }

    /// Somebody in the group who works there; if nobody is, somebody joins first.
    fn member_of(&mut self, group: GroupKey) -> PersonKey {
        let is_here = |key: &PersonKey| {
            self.world.people.get(key).is_some_and(|person| person.presence == Presence::Here)
        };
        let members: Vec<PersonKey> = self.group(group).members.iter().copied().filter(is_here).collect();
        if members.is_empty() {
            let person = self.somebody();
            self.add(group, vec![person]);
            return person;
        }
        members[self.random.below(members.len())]
    }

    fn new_address(&self, person: PersonKey) -> String {
        let person = self.person(person);
        let plain = world::address(&person.given_name, &person.family_name, person.key.0);
        let (local, domain) = plain.split_once('@').unwrap_or((&plain, "acme.example"));
        format!("{local}.{}@{domain}", self.acts.len())
    }

    fn person(&self, key: PersonKey) -> &Person {
        &self.world.people[&key]
    }

    fn group(&self, key: GroupKey) -> &Group {
        &self.world.groups[&key]
    }

    fn name(&self, key: PersonKey) -> &str {
        &self.person(key).display_name
    }

    fn these(&self, people: &[PersonKey]) -> String {
        match people {
            [person] => self.name(*person).to_owned(),
            people => format!("{} people", people.len()),
        }
    }
}
