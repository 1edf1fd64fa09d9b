//! Compares both directories at the end: the server's, read page by page, and the provider's own.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

use serde_json::{Value, json};

use crate::base::text::fold;
use crate::idp::check::{Need, difference};
use crate::idp::link::{Link, Stop};
use crate::idp::provider::{Presence as GroupPresence, flow};
use crate::idp::world::{Group, GroupKey, PersonKey};

use super::{Note, Run};

impl Run {
    /// What the server has before the provider comes: found again at the end it is no fault.
    pub(super) async fn look_around(&mut self, tell: &mut impl FnMut(Note<'_>)) -> Result<(), Stop> {
        let (began, link) = (Instant::now(), self.link("check: what is there already"));
        let mut outcomes = Vec::new();
        for path in ["/Users", "/Groups"] {
            let outcome = self.line.provider.list(&link, path).await;
            outcomes.push(outcome.as_ref().map(|_| ()).map_err(Clone::clone));
            let resources = outcome.unwrap_or_default();
            self.there_before
                .extend(resources.iter().filter_map(|resource| text(resource, "id").map(str::to_owned)));
        }
        self.ended(&link, began, outcomes, tell)
    }

    fn is_new(&self, resource: &Value) -> bool {
        text(resource, "id").is_some_and(|id| !self.there_before.contains(id))
    }

    /// Every difference is a finding; what others put there is none of this provider's business.
    pub(super) async fn compare_all(&mut self, tell: &mut impl FnMut(Note<'_>)) -> Result<(), Stop> {
        let (began, link) = (Instant::now(), self.link("compare both directories"));
        let mut outcomes = Vec::new();
        match self.line.provider.list(&link, "/Users").await {
            Ok(users) => self.compare_users(&link, &users),
            Err(stop) => outcomes.push(Err(stop)),
        }
        match self.line.provider.list(&link, "/Groups").await {
            Ok(groups) => outcomes.push(self.compare_groups(&link, &groups).await),
            Err(stop) => outcomes.push(Err(stop)),
        }
        self.ended(&link, began, outcomes, tell)
    }

    fn compare_users(&self, link: &Link, users: &[Value]) {
        let by_id: HashMap<&str, &Value> =
            users.iter().filter_map(|user| Some((text(user, "id")?, user))).collect();
        let mut named: HashMap<String, usize> = HashMap::new();
        for user in users.iter().filter(|user| self.is_new(user)) {
            *named.entry(fold(text(user, "userName").unwrap_or_default())).or_default() += 1;
        }
        let find = |expected: &str, came: &str| link.find(Need::SameUsers, "GET /Users", expected, came);
        for key in self.people_there() {
            let Some(account) = self.account(key) else { continue };
            let name = &account.person.user_name;
            let Some(user) = self.users.get(&key).and_then(|id| by_id.get(id.as_str())) else {
                find(&format!("the user {name:?}"), "no such user");
                continue;
            };
            if let Some((wanted, came)) = difference(&self.line.provider.expected_user(&account), user) {
                find(&format!("{name:?} with {wanted}"), &came);
            }
            if named.get(&fold(name)).copied().unwrap_or(0) > 1 {
                find(&format!("{name:?} once"), "several users of that userName");
            }
        }
        for id in self.deleted.iter().filter(|id| by_id.contains_key(id.as_str())) {
            find(&format!("no user {id}, it was deleted"), "it is still there");
        }
    }

    async fn compare_groups(&self, link: &Link, groups: &[Value]) -> Result<(), Stop> {
        let by_id: HashMap<&str, &Value> =
            groups.iter().filter_map(|group| Some((text(group, "id")?, group))).collect();
        for group in self.world.groups.values() {
            let find =
                |expected: &str, came: &str| link.find(Need::SameGroups, "GET /Groups", expected, came);
            let Some((id, presence)) = self.groups.get(&group.key) else {
                find(&format!("the group {:?}", group.name), "no such group");
                continue;
            };
            let Some(shown) = by_id.get(id.as_str()) else {
                find(&format!("the group {:?}", group.name), "no such group");
                continue;
            };
            self.compare_listed(link, group, *presence, id, shown).await?;
            let is_namesake =
                |other: &&Value| text(other, "displayName") == Some(&group.name) && self.is_new(other);
            let same_name = groups.iter().filter(is_namesake);
            if *presence == GroupPresence::New && same_name.count() > 1 {
                find(&format!("{:?} once", group.name), "several groups of that name");
            }
        }
        Ok(())
    }

    /// Some servers leave the members out of a list: then the group is read alone.
    async fn compare_listed(
        &self,
        link: &Link,
        group: &Group,
        presence: GroupPresence,
        id: &str,
        listed: &Value,
    ) -> Result<(), Stop> {
        let team = self.team(group);
        let request = format!("GET /Groups/{id}");
        let is_left_out = listed.get("members").is_none() && !team.members.is_empty();
        let read = match is_left_out {
            true => flow::read(link, "Groups", id).await?,
            false => listed.clone(),
        };
        self.compare_group(link, Need::SameGroups, &request, &team, presence, &read);
        Ok(())
    }

    /// The provider's own directory at the end, as an app should see it.
    pub(super) fn directory(&self) -> Value {
        let there: BTreeMap<PersonKey, Value> =
            self.people_there().into_iter().filter_map(|key| Some((key, self.exported(key)?))).collect();
        let groups: Vec<Value> = self.world.groups.values().map(|group| self.exported_group(group)).collect();
        json!({ "users": there.into_values().collect::<Vec<_>>(), "groups": groups })
    }

    fn exported(&self, key: PersonKey) -> Option<Value> {
        let account = self.account(key)?;
        let person = &account.person;
        let written = self.line.provider.expected_user(&account);
        Some(json!({
            "id": self.users.get(&key),
            "externalId": written.get("externalId"),
            "userName": person.user_name,
            "email": person.email,
            "active": account.is_active,
            "givenName": person.given_name,
            "familyName": person.family_name,
            "written": written,
        }))
    }

    fn exported_group(&self, group: &Group) -> Value {
        let members: Vec<&str> = group
            .members
            .iter()
            .filter_map(|key| self.world.people.get(key))
            .map(|person| person.user_name.as_str())
            .collect();
        json!({ "id": self.group_id(group.key), "name": group.name, "members": members })
    }

    fn group_id(&self, key: GroupKey) -> Option<&str> {
        self.groups.get(&key).map(|(id, _)| id.as_str())
    }
}

fn text<'a>(resource: &'a Value, name: &str) -> Option<&'a str> {
    resource.get(name).and_then(Value::as_str)
}
