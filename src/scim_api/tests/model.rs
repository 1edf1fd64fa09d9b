//! A directory as it should behave, small enough to be believed: what the surface is compared with.

use std::collections::BTreeSet;

/// What a request should be answered, as far as the model says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    Created(usize),
    Done,
    Conflict,
    NotFound,
}

/// A person who is or was there. The place in the list is the identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub user_name: String,
    pub external_id: Option<String>,
    pub title: Option<String>,
    pub active: bool,
    pub life: Life,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    Present,
    Deleted(usize),
    Retired,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    pub name: String,
    pub members: BTreeSet<usize>,
    /// Named after they were deleted; they join if they come back.
    pub awaited: BTreeSet<usize>,
    pub present: bool,
}

#[derive(Debug, Clone, Default)]
pub struct Model {
    pub people: Vec<Person>,
    pub teams: Vec<Team>,
    deletions: usize,
}

/// What a POST or PUT says of a user.
#[derive(Debug, Clone)]
pub struct Said {
    pub user_name: String,
    pub external_id: Option<String>,
    pub title: Option<String>,
    pub active: Option<bool>,
}

impl Model {
    fn present(&self, index: usize) -> bool {
        self.people.get(index).is_some_and(|person| person.life == Life::Present)
    }

    fn named(&self, user_name: &str) -> Option<usize> {
        let same = |person: &Person| person.user_name.eq_ignore_ascii_case(user_name);
        self.people.iter().position(|person| person.life == Life::Present && same(person))
    }

    fn known(&self, external_id: &str) -> Option<usize> {
        let same = |person: &Person| person.external_id.as_deref() == Some(external_id);
        let of = |life: fn(&Person) -> bool| {
            let found = self.people.iter().enumerate();
            let found = found.filter(|(_, person)| same(person) && life(person)).map(|(index, _)| index);
            found.collect::<Vec<usize>>()
        };
        let present = of(|person| person.life == Life::Present).into_iter().next();
        let deleted = of(|person| matches!(person.life, Life::Deleted(_)));
        present.or_else(|| deleted.into_iter().max_by_key(|index| match self.people[*index].life {
            Life::Deleted(order) => order,
            Life::Present | Life::Retired => 0,
        }))
    }

    pub fn post(&mut self, said: &Said) -> Expected {
        let person = said.external_id.as_deref().and_then(|id| self.known(id));
        let namesake = self.named(&said.user_name);
        if let Some(person) = person {
            let is_there = self.present(person);
            if is_there && (self.people[person].active || said.active == Some(false)) {
                return Expected::Conflict;
            }
            let other = namesake.filter(|other| *other != person);
            if other.is_some_and(|other| self.people[other].active) {
                return Expected::Conflict;
            }
            other.into_iter().for_each(|other| self.retire(other));
            self.come(person, said);
            return Expected::Created(person);
        }
        if let Some(namesake) = namesake {
            if self.people[namesake].active {
                return Expected::Conflict;
            }
            if said.external_id.is_none() && self.people[namesake].external_id.is_none() {
                if said.active == Some(false) {
                    return Expected::Conflict;
                }
                self.come(namesake, said);
                return Expected::Created(namesake);
            }
            self.retire(namesake);
        }
        self.people.push(Person {
            user_name: said.user_name.clone(),
            external_id: said.external_id.clone(),
            title: said.title.clone(),
            active: said.active.unwrap_or(true),
            life: Life::Present,
        });
        Expected::Created(self.people.len() - 1)
    }

    fn come(&mut self, index: usize, said: &Said) {
        let was_away = !self.present(index);
        let person = &mut self.people[index];
        *person = Person {
            user_name: said.user_name.clone(),
            external_id: said.external_id.clone(),
            title: said.title.clone(),
            active: said.active.unwrap_or(true),
            life: Life::Present,
        };
        if was_away {
            for team in &mut self.teams {
                if team.awaited.remove(&index) {
                    team.members.insert(index);
                }
            }
        }
    }

    fn leave(&mut self, index: usize) {
        for team in &mut self.teams {
            team.members.remove(&index);
        }
    }

    fn retire(&mut self, index: usize) {
        self.people[index].life = Life::Retired;
        self.leave(index);
    }

    fn clashes(&self, index: usize, user_name: &str, external_id: Option<&str>) -> bool {
        let name_taken = self.named(user_name).is_some_and(|other| other != index);
        let is_new_id = external_id.is_some() && self.people[index].external_id.as_deref() != external_id;
        let id_taken = is_new_id
            && self.people.iter().enumerate().any(|(other, person)| {
                other != index && person.life == Life::Present && person.external_id.as_deref() == external_id
            });
        name_taken || id_taken
    }

    /// A PUT; one that deactivates does that even if the rest clashes.
    pub fn put(&mut self, index: usize, said: &Said) -> Expected {
        if !self.present(index) {
            return Expected::NotFound;
        }
        if self.clashes(index, &said.user_name, said.external_id.as_deref()) {
            if said.active == Some(false) {
                self.people[index].active = false;
                return Expected::Done;
            }
            return Expected::Conflict;
        }
        let person = &mut self.people[index];
        person.user_name.clone_from(&said.user_name);
        // A PUT that doesn't mention it keeps it.
        if said.external_id.is_some() {
            person.external_id.clone_from(&said.external_id);
        }
        person.title.clone_from(&said.title);
        person.active = said.active.unwrap_or(person.active);
        Expected::Done
    }

    pub fn set_active(&mut self, index: usize, active: bool) -> Expected {
        if !self.present(index) {
            return Expected::NotFound;
        }
        self.people[index].active = active;
        Expected::Done
    }

    pub fn rename(&mut self, index: usize, user_name: &str) -> Expected {
        if !self.present(index) {
            return Expected::NotFound;
        }
        if self.clashes(index, user_name, None) {
            return Expected::Conflict;
        }
        self.people[index].user_name = user_name.to_owned();
        Expected::Done
    }

    pub fn delete(&mut self, index: usize) -> Expected {
        if !self.present(index) {
            return Expected::NotFound;
        }
        self.deletions += 1;
        self.people[index].life = Life::Deleted(self.deletions);
        self.leave(index);
        Expected::Done
    }

    pub fn post_team(&mut self, name: &str, named: &[usize]) -> Expected {
        let mut team =
            Team { name: name.to_owned(), members: BTreeSet::new(), awaited: BTreeSet::new(), present: true };
        self.admit(&mut team, named);
        self.teams.push(team);
        Expected::Created(self.teams.len() - 1)
    }

    fn admit(&self, team: &mut Team, named: &[usize]) {
        for index in named.iter().filter(|index| **index < self.people.len()) {
            match self.people[*index].life {
                Life::Present => team.members.insert(*index),
                Life::Deleted(_) | Life::Retired if team.members.contains(index) => false,
                Life::Deleted(_) | Life::Retired => team.awaited.insert(*index),
            };
        }
    }

    pub fn change_team(&mut self, index: usize, remove: &[usize], add: &[usize], replace: bool) -> Expected {
        let Some(mut team) = self.teams.get(index).filter(|team| team.present).cloned() else {
            return Expected::NotFound;
        };
        if replace {
            team.members.clear();
            team.awaited.clear();
        }
        for person in remove {
            team.members.remove(person);
            team.awaited.remove(person);
        }
        self.admit(&mut team, add);
        self.teams[index] = team;
        Expected::Done
    }

    pub fn delete_team(&mut self, index: usize) -> Expected {
        match self.teams.get_mut(index).filter(|team| team.present) {
            Some(team) => {
                team.present = false;
                team.members.clear();
                team.awaited.clear();
                Expected::Done
            }
            None => Expected::NotFound,
        }
    }
}
