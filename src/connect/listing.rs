//! What a provider listed, and whether that is all there is.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use crate::base::limits;

use super::trouble::Trouble;

/// Users and groups as one run read them. Absence from it means something only when it is complete.
#[derive(Debug, Default)]
pub struct Listing {
    pub users: Vec<ListedUser>,
    pub groups: Vec<ListedGroup>,
    /// Whether the provider has groups at all; if not, those that are stored are left alone.
    pub has_groups: bool,
    /// Why absence proves nothing; the first reason. Empty: it is proven that nothing is missing.
    pub gaps: Vec<Trouble>,
    /// Records that can't be used, and why.
    pub refused: Vec<String>,
    pub refused_count: u64,
    users_at: HashMap<String, usize>,
    groups_at: HashMap<String, usize>,
    /// Ids that were listed twice with different data: they are there, and left as they are.
    contradictory: HashSet<String>,
    members: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ListedUser {
    pub external_id: String,
    /// What the provider says in as many words; None when it says nothing.
    pub active: Option<bool>,
    /// A SCIM user as JSON text: kept small, since all of them are here at once. Empty when the
    /// provider said no more than that the user is there, or gone.
    pub body: Box<str>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ListedGroup {
    pub external_id: String,
    pub name: String,
    /// Attributes besides the name, by schema.
    pub attributes: Map<String, Value>,
    /// Ids of users and groups at the provider; None when they could not be read.
    pub members: Option<Vec<String>>,
}

impl Listing {
    /// Notes why absence proves nothing in this listing.
    pub fn gap(&mut self, trouble: Trouble) {
        // One is enough, and a provider that lies could bring millions.
        if self.gaps.len() < limits::CONNECTOR_REFUSED_SHOWN_MAX {
            self.gaps.push(trouble);
        }
    }

    /// Notes a record that can't be used.
    pub fn refuse(&mut self, what: impl Into<String>) {
        self.refused_count += 1;
        if self.refused.len() < limits::CONNECTOR_REFUSED_SHOWN_MAX {
            self.refused.push(what.into());
        }
    }

    /// # Errors
    ///
    /// More users than [`limits::CONNECTOR_USERS_MAX`].
    pub fn add_user(&mut self, user: ListedUser) -> Result<(), Trouble> {
        if limits::CONNECTOR_USERS_MAX <= self.users.len() {
            return Err(too_many("users", limits::CONNECTOR_USERS_MAX));
        }
        match self.users_at.get(&user.external_id) {
            None => {
                self.users_at.insert(user.external_id.clone(), self.users.len());
                self.users.push(user);
            }
            Some(at) if self.users[*at] == user => self.gap(twice("user", &user.external_id)),
            Some(_) => {
                self.gap(contradiction("user", &user.external_id));
                self.refuse(format!("{}: it is listed twice with different data", user.external_id));
                self.contradictory.insert(user.external_id);
            }
        }
        Ok(())
    }

    /// # Errors
    ///
    /// More groups than [`limits::CONNECTOR_GROUPS_MAX`], or more members of all of them than
    /// [`limits::CONNECTOR_MEMBERS_MAX`].
    pub fn add_group(&mut self, group: ListedGroup) -> Result<(), Trouble> {
        if limits::CONNECTOR_GROUPS_MAX <= self.groups.len() {
            return Err(too_many("groups", limits::CONNECTOR_GROUPS_MAX));
        }
        self.members += group.members.as_ref().map_or(0, Vec::len);
        if limits::CONNECTOR_MEMBERS_MAX < self.members {
            return Err(too_many("members", limits::CONNECTOR_MEMBERS_MAX));
        }
        match self.groups_at.contains_key(&group.external_id) {
            true => self.gap(twice("group", &group.external_id)),
            false => {
                self.groups_at.insert(group.external_id.clone(), self.groups.len());
                self.groups.push(group);
            }
        }
        Ok(())
    }

    /// Ends the reading: takes out what contradicts itself.
    pub fn close(&mut self) {
        let contradictory = std::mem::take(&mut self.contradictory);
        self.users.retain(|user| !contradictory.contains(&user.external_id));
    }

    /// Whether the provider named the user, in whatever way.
    pub fn lists_user(&self, external_id: &str) -> bool {
        self.users_at.contains_key(external_id)
    }

    pub fn lists_group(&self, external_id: &str) -> bool {
        self.groups_at.contains_key(external_id)
    }

    pub fn is_complete(&self) -> bool {
        self.gaps.is_empty()
    }
}

fn too_many(what: &str, max: usize) -> Trouble {
    Trouble::content(format!("the listing has more than {max} {what}"), "narrow the scope of the connector")
}

fn twice(what: &str, id: &str) -> Trouble {
    Trouble::content(
        format!("the {what} {id:?} was listed twice: a page may have come twice, and another one not at all"),
        "it is tried again at the next run",
    )
}

fn contradiction(what: &str, id: &str) -> Trouble {
    Trouble::content(
        format!("the {what} {id:?} was listed twice with different data"),
        "each id must be there once; check which column is the id",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(id: &str, body: &str) -> ListedUser {
        ListedUser { external_id: id.to_owned(), active: None, body: body.into() }
    }

    #[test]
    fn a_user_who_is_listed_twice_ends_completeness() {
        let mut listing = Listing::default();
        listing.add_user(user("1", "{}")).expect("added");
        assert!(listing.is_complete());
        listing.add_user(user("1", "{}")).expect("added");
        assert!(!listing.is_complete());
        assert_eq!(listing.users.len(), 1);
    }

    #[test]
    fn who_contradicts_himself_is_there_and_left_as_he_is() {
        let mut listing = Listing::default();
        listing.add_user(user("1", "{\"title\":\"a\"}")).expect("added");
        listing.add_user(user("1", "{\"title\":\"b\"}")).expect("added");
        listing.close();
        assert!(listing.users.is_empty() && listing.lists_user("1") && !listing.is_complete());
    }

    #[test]
    fn users_groups_and_members_are_taken_up_to_their_limits_and_refused_beyond() {
        let mut listing = Listing::default();
        for at in 0..limits::CONNECTOR_USERS_MAX {
            listing.add_user(user(&at.to_string(), "")).expect("within the limit");
        }
        assert!(listing.add_user(user("one more", "")).is_err());
        let group = |id: String, members: usize| ListedGroup {
            external_id: id,
            name: String::new(),
            attributes: Map::new(),
            members: Some(vec![String::new(); members]),
        };
        let mut listing = Listing::default();
        for at in 0..limits::CONNECTOR_GROUPS_MAX {
            listing.add_group(group(at.to_string(), 0)).expect("within the limit");
        }
        assert!(listing.add_group(group("one more".to_owned(), 0)).is_err());
        let mut listing = Listing::default();
        listing.add_group(group("all".to_owned(), limits::CONNECTOR_MEMBERS_MAX)).expect("within the limit");
        assert!(listing.add_group(group("one more".to_owned(), 1)).is_err());
    }

    #[test]
    fn gaps_beyond_the_first_few_are_not_kept() {
        let mut listing = Listing::default();
        for _ in 0..1_000 {
            listing.gap(Trouble::content("x", ""));
        }
        assert_eq!(listing.gaps.len(), limits::CONNECTOR_REFUSED_SHOWN_MAX);
    }
}
