//! Folds events into the state that they tell of: what `check` compares with the tables, and what
//! an app that follows the log would have.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::{Map, Value};

use super::event::EventName;

/// What a reader of the log knows after some events. Keys are ids.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    pub directories: BTreeMap<String, Map<String, Value>>,
    pub users: BTreeMap<String, Map<String, Value>>,
    pub groups: BTreeMap<String, Map<String, Value>>,
    /// Group and user.
    pub memberships: BTreeSet<(String, String)>,
    /// Tokens made and not revoked.
    pub tokens: BTreeMap<String, Map<String, Value>>,
    /// The last epoch and sequence of each directory, those of deleted ones too.
    sequences: BTreeMap<String, (u64, u64)>,
    last_event_id: String,
}

/// An event that can't follow those before it: the log is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoldError {
    pub event_id: String,
    pub reason: Reason,
}

/// What is wrong with an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// A field is absent or of another type.
    Malformed {
        field: &'static str,
    },
    UnknownName {
        name: String,
    },
    /// Its id is not greater than the one before.
    OutOfOrder {
        before: String,
    },
    /// `directory_sequence` doesn't follow.
    Gap {
        expected: u64,
        found: u64,
    },
    /// It makes what is there already.
    AlreadyThere {
        id: String,
    },
    /// It changes or removes what isn't there.
    NotThere {
        id: String,
    },
}

impl fmt::Display for FoldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.event_id)?;
        match &self.reason {
            Reason::Malformed { field } => write!(f, "{field} is absent or of the wrong type"),
            Reason::UnknownName { name } => write!(f, "no event is called {name}"),
            Reason::OutOfOrder { before } => write!(f, "it comes after {before}, which is not smaller"),
            Reason::Gap { expected, found } => {
                write!(f, "directory_sequence is {found} where {expected} follows")
            }
            Reason::AlreadyThere { id } => write!(f, "it makes {id}, which is there already"),
            Reason::NotThere { id } => write!(f, "it is about {id}, which is not there"),
        }
    }
}

impl std::error::Error for FoldError {}

impl State {
    /// Takes in the next event, as it is sent.
    ///
    /// # Errors
    ///
    /// When the event can't follow the ones before it; the state is then of no more use.
    pub fn apply(&mut self, event: &Value) -> Result<(), FoldError> {
        let event_id = event.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        self.step(event, &event_id).map_err(|reason| FoldError { event_id, reason })
    }

    fn step(&mut self, event: &Value, event_id: &str) -> Result<(), Reason> {
        let name = text(event, "event")?;
        let name = EventName::from_name(name).ok_or_else(|| Reason::UnknownName { name: name.to_owned() })?;
        let data = event.get("data").and_then(Value::as_object).ok_or(Reason::Malformed { field: "data" })?;
        self.check_order(event, event_id)?;
        match name {
            EventName::Activated => create(&mut self.directories, data),
            EventName::Deleted => self.delete_directory(data),
            EventName::UserCreated => create(&mut self.users, data),
            EventName::UserUpdated => update(&mut self.users, data),
            EventName::UserDeleted => self.delete_user(data),
            EventName::GroupCreated => create(&mut self.groups, data),
            EventName::GroupUpdated => update(&mut self.groups, data),
            EventName::GroupDeleted => self.delete_group(data),
            EventName::GroupUserAdded => self.add_member(data),
            EventName::GroupUserRemoved => self.remove_member(data),
            EventName::TokenCreated => create(&mut self.tokens, data),
            EventName::TokenRevoked => remove(&mut self.tokens, data).map(drop),
        }
    }

    fn check_order(&mut self, event: &Value, event_id: &str) -> Result<(), Reason> {
        if event_id <= self.last_event_id.as_str() {
            return Err(Reason::OutOfOrder { before: self.last_event_id.clone() });
        }
        let directory = text(event, "directory_id")?;
        let found = number(event, "directory_sequence")?;
        let epoch = number(event, "epoch")?;
        // The log may have been pruned, and a restore starts a new epoch: the first event that is
        // seen of a directory in an epoch may have any number.
        let expected = match self.sequences.get(directory) {
            Some((last_epoch, last)) if *last_epoch == epoch => last + 1,
            Some(_) | None => found,
        };
        if found != expected {
            return Err(Reason::Gap { expected, found });
        }
        self.last_event_id = event_id.to_owned();
        self.sequences.insert(directory.to_owned(), (epoch, found));
        Ok(())
    }

    fn delete_directory(&mut self, data: &Map<String, Value>) -> Result<(), Reason> {
        let id = remove(&mut self.directories, data)?;
        let is_elsewhere =
            |object: &Map<String, Value>| object.get("directory_id") != Some(&Value::from(id.as_str()));
        self.users.retain(|_, user| is_elsewhere(user));
        self.groups.retain(|_, group| is_elsewhere(group));
        self.tokens.retain(|_, token| is_elsewhere(token));
        let users = &self.users;
        self.memberships.retain(|(_, user)| users.contains_key(user));
        Ok(())
    }

    fn delete_user(&mut self, data: &Map<String, Value>) -> Result<(), Reason> {
        let id = remove(&mut self.users, data)?;
        self.memberships.retain(|(_, user)| *user != id);
        Ok(())
    }

    fn delete_group(&mut self, data: &Map<String, Value>) -> Result<(), Reason> {
        let id = remove(&mut self.groups, data)?;
        self.memberships.retain(|(group, _)| *group != id);
        Ok(())
    }

    fn add_member(&mut self, data: &Map<String, Value>) -> Result<(), Reason> {
        let (group, user) = self.refresh(data)?;
        match self.memberships.insert((group, user.clone())) {
            true => Ok(()),
            false => Err(Reason::AlreadyThere { id: user }),
        }
    }

    fn remove_member(&mut self, data: &Map<String, Value>) -> Result<(), Reason> {
        let (group, user) = self.refresh(data)?;
        match self.memberships.remove(&(group, user.clone())) {
            true => Ok(()),
            false => Err(Reason::NotThere { id: user }),
        }
    }

    /// The group and the user of a membership event, whose newest state it carries.
    fn refresh(&mut self, data: &Map<String, Value>) -> Result<(String, String), Reason> {
        let part = |field: &'static str| {
            data.get(field).and_then(Value::as_object).ok_or(Reason::Malformed { field })
        };
        let (group, user) = (part("group")?, part("user")?);
        update(&mut self.groups, group)?;
        update(&mut self.users, user)?;
        Ok((id_of(group)?.to_owned(), id_of(user)?.to_owned()))
    }
}

type Objects = BTreeMap<String, Map<String, Value>>;

fn create(objects: &mut Objects, data: &Map<String, Value>) -> Result<(), Reason> {
    let id = id_of(data)?;
    match objects.insert(id.to_owned(), data.clone()) {
        None => Ok(()),
        Some(_) => Err(Reason::AlreadyThere { id: id.to_owned() }),
    }
}

fn update(objects: &mut Objects, data: &Map<String, Value>) -> Result<(), Reason> {
    let id = id_of(data)?;
    let object = objects.get_mut(id).ok_or_else(|| Reason::NotThere { id: id.to_owned() })?;
    data.clone_into(object);
    object.shift_remove("previous_attributes");
    Ok(())
}

fn remove(objects: &mut Objects, data: &Map<String, Value>) -> Result<String, Reason> {
    let id = id_of(data)?.to_owned();
    match objects.remove(&id) {
        Some(_) => Ok(id),
        None => Err(Reason::NotThere { id }),
    }
}

fn id_of(data: &Map<String, Value>) -> Result<&str, Reason> {
    data.get("id").and_then(Value::as_str).ok_or(Reason::Malformed { field: "data.id" })
}

fn text<'a>(event: &'a Value, field: &'static str) -> Result<&'a str, Reason> {
    event.get(field).and_then(Value::as_str).ok_or(Reason::Malformed { field })
}

fn number(event: &Value, field: &'static str) -> Result<u64, Reason> {
    event.get(field).and_then(Value::as_u64).ok_or(Reason::Malformed { field })
}

#[cfg(test)]
mod tests;
