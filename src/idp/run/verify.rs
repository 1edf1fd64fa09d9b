//! Reads back what an act wrote, and certifies at the end.

use std::collections::BTreeSet;
use std::time::Instant;

use serde_json::Value;

use crate::idp::check::{Expect, Need, difference};
use crate::idp::link::{Ask, Link, Stop};
use crate::idp::provider::{Account, Presence as GroupPresence, Team, flow};
use crate::idp::scenario::Act;
use crate::idp::world::{Departure, GroupKey, PersonKey};

use super::change::Touched;
use super::{Note, Run};

impl Run {
    /// Asks the server for everything that the act was about.
    pub(super) async fn verify(
        &mut self,
        act: &Act,
        touched: &Touched,
        tell: &mut impl FnMut(Note<'_>),
    ) -> Result<(), Stop> {
        let (began, link) = (Instant::now(), self.link(&format!("check: {}", act.title)));
        let mut outcomes = Vec::new();
        for key in &touched.people {
            outcomes.push(self.verify_person(&link, *key).await);
        }
        let kept = self.groups_of(&touched.returned);
        for key in touched.groups.iter().chain(&kept) {
            let need = if kept.contains(key) { Need::MembersKept } else { Need::MembersPushed };
            outcomes.push(self.verify_group(&link, *key, need).await);
        }
        for id in &touched.deleted {
            outcomes.push(verify_gone(&link, &format!("/Users/{id}")).await);
        }
        for id in &touched.deleted_groups {
            outcomes.push(verify_gone(&link, &format!("/Groups/{id}")).await);
        }
        self.ended(&link, began, outcomes, tell)
    }

    fn groups_of(&self, people: &BTreeSet<PersonKey>) -> BTreeSet<GroupKey> {
        let groups = self.world.groups.values();
        groups.filter(|group| !group.members.is_disjoint(people)).map(|group| group.key).collect()
    }

    async fn verify_person(&self, link: &Link, key: PersonKey) -> Result<(), Stop> {
        let (Some(id), Some(account)) = (self.users.get(&key), self.account(key)) else { return Ok(()) };
        let provider = self.line.provider;
        let shown = flow::read(link, "Users", id).await?;
        let request = format!("GET /Users/{id}");
        if let Some((wanted, came)) = difference(&provider.expected_user(&account), &shown) {
            link.find(Need::ReadsBack, &request, &wanted, &came);
        }
        if shown.get("active").and_then(Value::as_bool).unwrap_or(true) != account.is_active {
            let came = shown.get("active").unwrap_or(&Value::Null).to_string();
            link.find(Need::Deactivated, &request, &format!("active {}", account.is_active), &came);
        }
        let is_found = account.is_active || flow::find_user(link, &account).await?.is_some();
        if !is_found && self.habits.departure == Departure::Deactivates {
            let expected = format!("the deactivated user {:?}", account.person.user_name);
            link.find(Need::Deactivated, "GET /Users", &expected, "no hit");
        }
        Ok(())
    }

    async fn verify_group(&self, link: &Link, key: GroupKey, need: Need) -> Result<(), Stop> {
        let (Some((id, presence)), Some(group)) = (self.groups.get(&key), self.world.groups.get(&key)) else {
            return Ok(());
        };
        let shown = flow::read(link, "Groups", id).await?;
        let request = format!("GET /Groups/{id}");
        self.compare_group(link, need, &request, &self.team(group), *presence, &shown);
        Ok(())
    }

    /// Notes a wrong name and wrong members; in a group that was there before, members of others may stay.
    pub(super) fn compare_group(
        &self,
        link: &Link,
        need: Need,
        request: &str,
        team: &Team,
        presence: GroupPresence,
        shown: &Value,
    ) {
        let name = shown.get("displayName").and_then(Value::as_str).unwrap_or_default();
        if name != team.name {
            link.find(
                Need::ReadsBack,
                request,
                &format!("displayName {:?}", team.name),
                &format!("{name:?}"),
            );
        }
        let wanted: BTreeSet<&str> = team.members.iter().map(|member| member.id.as_str()).collect();
        let members = shown.get("members").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let shown: BTreeSet<&str> =
            members.iter().filter_map(|member| member.get("value").and_then(Value::as_str)).collect();
        let missing = wanted.difference(&shown).count();
        let extra = if presence == GroupPresence::Adopted { 0 } else { shown.difference(&wanted).count() };
        if missing + extra > 0 {
            let expected = format!("{:?} with {} members", team.name, wanted.len());
            let came = format!("{} members: {missing} missing, {extra} who don't belong there", shown.len());
            link.find(need, request, &expected, &came);
        }
    }

    /// The certification, with somebody who is there and whose name is another in upper case.
    pub(super) async fn certify(&mut self, tell: &mut impl FnMut(Note<'_>)) -> Result<(), Stop> {
        let is_fit = |account: &Account| {
            let name = &account.person.user_name;
            account.is_active && *name != name.to_uppercase()
        };
        let Some(account) = self.users.keys().find_map(|key| self.account(*key).filter(is_fit)) else {
            return Ok(());
        };
        let (began, link) = (Instant::now(), self.link("check: certification"));
        let outcome = self.line.provider.certify(&link, &account).await;
        self.ended(&link, began, vec![outcome], tell)
    }
}

/// A read and a second DELETE of what was deleted.
async fn verify_gone(link: &Link, path: &str) -> Result<(), Stop> {
    link.send(Ask::get(path, Expect::Missing)).await?;
    let mut again = Ask::delete(path);
    again.expect = Expect::Missing;
    link.send(again).await.map(|_| ())
}
