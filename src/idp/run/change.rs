//! Sends changes: everybody and every group for the first time, then act by act.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use crate::idp::link::{Link, Stop};
use crate::idp::provider::{Account, MemberChange, Presence as GroupPresence, Team};
use crate::idp::scenario::Act;
use crate::idp::world::{Departure, Group, GroupKey, Person, PersonKey, Presence};

use super::{Note, Outcome, Run};

/// What an act was about.
#[derive(Debug, Default)]
pub struct Touched {
    pub people: BTreeSet<PersonKey>,
    pub groups: BTreeSet<GroupKey>,
    /// Those who came back.
    pub returned: BTreeSet<PersonKey>,
    /// Ids of users that were deleted.
    pub deleted: Vec<String>,
    /// Ids of groups that were deleted.
    pub deleted_groups: Vec<String>,
}

/// What is to be done about one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    Add,
    Update,
    Deactivate,
    Reactivate,
    Delete,
}

impl Run {
    pub(super) async fn assign_people(&mut self, tell: &mut impl FnMut(Note<'_>)) -> Result<(), Stop> {
        let jobs: Vec<(PersonKey, Account)> =
            self.people_there().into_iter().filter_map(|key| Some((key, self.account(key)?))).collect();
        if jobs.is_empty() {
            return Ok(());
        }
        let title = format!("assign {} people", jobs.len());
        let provider = self.line.provider;
        let added = self
            .each(&title, jobs, tell, move |link, (key, account)| async move {
                (key, provider.add_user(&link, &account).await)
            })
            .await?;
        self.users.extend(added.into_iter().filter_map(|(key, outcome)| Some((key, outcome.ok()?))));
        if provider.links_managers_later() { self.link_managers(tell).await } else { Ok(()) }
    }

    async fn link_managers(&mut self, tell: &mut impl FnMut(Note<'_>)) -> Result<(), Stop> {
        let with_manager = |key: &PersonKey| {
            let account = self.account(*key)?;
            account.manager.as_ref()?.id.as_ref()?;
            Some((*key, (self.users.get(key)?.clone(), account)))
        };
        let jobs: Vec<_> = self.users.keys().filter_map(with_manager).collect();
        let provider = self.line.provider;
        let title = format!("link {} managers", jobs.len());
        self.each(&title, jobs, tell, move |link, (key, (id, account))| async move {
            (key, provider.link_manager(&link, &id, &account).await)
        })
        .await?;
        Ok(())
    }

    pub(super) async fn assign_groups(&mut self, tell: &mut impl FnMut(Note<'_>)) -> Result<(), Stop> {
        let jobs: Vec<(GroupKey, Team)> =
            self.world.groups.values().map(|group| (group.key, self.team(group))).collect();
        if jobs.is_empty() || self.is_quarantined {
            return Ok(());
        }
        let title = format!("push {} groups", jobs.len());
        let added = self
            .each(&title, jobs, tell, move |link, (key, team)| async move { (key, push(&link, &team).await) })
            .await?;
        self.groups.extend(added.into_iter().filter_map(|(key, outcome)| Some((key, outcome.ok()?))));
        Ok(())
    }

    /// Plays an act; gives what it was about.
    pub(super) async fn change(
        &mut self,
        act: &Act,
        tell: &mut impl FnMut(Note<'_>),
    ) -> Result<Touched, Stop> {
        let mut touched = Touched::default();
        touched.people.extend(act.changes.iter().filter_map(|change| change.person()));
        touched.groups.extend(act.changes.iter().flat_map(|change| change.groups()));
        let people: Vec<(PersonKey, Option<Person>)> =
            touched.people.iter().map(|key| (*key, self.world.people.get(key).cloned())).collect();
        let groups: Vec<(GroupKey, Option<Group>)> =
            touched.groups.iter().map(|key| (*key, self.world.groups.get(key).cloned())).collect();
        for change in &act.changes {
            self.world.apply(change, self.habits.departure);
        }
        let (began, link) = (Instant::now(), self.link(&act.title));
        let mut outcomes = self.change_people(&link, people, &mut touched, tell).await;
        for (key, before) in groups {
            outcomes.push(self.change_group(&link, key, before, &mut touched).await);
        }
        // What the provider has nothing to send for is no step.
        if 0 < link.exchanges().1 {
            self.ended(&link, began, outcomes, tell)?;
        }
        Ok(touched)
    }

    async fn change_people(
        &mut self,
        link: &Link,
        people: Vec<(PersonKey, Option<Person>)>,
        touched: &mut Touched,
        tell: &mut impl FnMut(Note<'_>),
    ) -> Vec<Result<(), Stop>> {
        let mut jobs = Vec::new();
        for (key, before) in people {
            let Some(doing) = self.doing(key, before.as_ref()) else { continue };
            let id = self.users.get(&key).cloned();
            // Somebody who is gone for good has no account any more; the id is all that is needed.
            jobs.push((key, (doing, id, self.account(key))));
        }
        let kinds: BTreeMap<PersonKey, (Doing, Option<String>)> =
            jobs.iter().map(|(key, (doing, id, _))| (*key, (*doing, id.clone()))).collect();
        let done = self
            .spread(link, jobs, tell, |link, (key, (doing, id, account))| async move {
                (key, change_user(&link, doing, id, account).await)
            })
            .await;
        let outcomes = done.iter().map(Outcome::outcome).collect();
        for (key, outcome) in done {
            let Some((doing, old)) = kinds.get(&key) else { continue };
            self.remember(key, *doing, old.as_deref(), outcome, touched);
        }
        outcomes
    }

    fn remember(
        &mut self,
        key: PersonKey,
        doing: Doing,
        old: Option<&str>,
        outcome: Result<Option<String>, Stop>,
        touched: &mut Touched,
    ) {
        let Ok(id) = outcome else { return };
        match (doing, id) {
            (Doing::Delete, _) => {
                self.users.remove(&key);
                let old = old.map(str::to_owned);
                self.deleted.extend(old.clone());
                touched.deleted.extend(old);
            }
            (_, Some(id)) => {
                // Brought back under its old id it is not deleted any more.
                self.deleted.retain(|deleted| *deleted != id);
                self.users.insert(key, id);
            }
            (_, None) => {}
        }
        if doing == Doing::Reactivate {
            touched.returned.insert(key);
        }
    }

    fn doing(&self, key: PersonKey, before: Option<&Person>) -> Option<Doing> {
        let after = self.world.people.get(&key);
        let is_known = self.users.contains_key(&key);
        let presence = |person: Option<&Person>| person.map(|person| person.presence);
        match (presence(before), presence(after)) {
            (_, Some(Presence::Here)) if !is_known => Some(Doing::Add),
            (Some(Presence::Left), Some(Presence::Here)) => Some(Doing::Reactivate),
            (Some(Presence::Here), Some(Presence::Left)) if is_known => match self.habits.departure {
                Departure::Deactivates => Some(Doing::Deactivate),
                Departure::Deletes => Some(Doing::Delete),
            },
            (Some(_), None) if is_known => Some(Doing::Delete),
            (Some(_), Some(_)) if is_known && before != after => Some(Doing::Update),
            _ => None,
        }
    }

    async fn change_group(
        &mut self,
        link: &Link,
        key: GroupKey,
        before: Option<Group>,
        touched: &mut Touched,
    ) -> Result<(), Stop> {
        let provider = self.line.provider;
        let known = self.groups.get(&key).map(|(id, _)| id.clone());
        let Some(after) = self.world.groups.get(&key).cloned() else {
            let Some(id) = known else { return Ok(()) };
            provider.delete_group(link, &id).await?;
            self.groups.remove(&key);
            touched.deleted_groups.push(id);
            return Ok(());
        };
        let team = self.team(&after);
        let Some(id) = known else {
            let added = push(link, &team).await?;
            self.groups.insert(key, added);
            return Ok(());
        };
        let before = before.unwrap_or_else(|| Group { members: BTreeSet::new(), ..after.clone() });
        if before.name != after.name {
            provider.rename_group(link, &id, &team).await?;
        }
        let members =
            |keys: Vec<&PersonKey>| keys.into_iter().filter_map(|key| self.member(*key)).collect::<Vec<_>>();
        let added = members(after.members.difference(&before.members).collect());
        let removed = members(before.members.difference(&after.members).collect());
        if added.is_empty() && removed.is_empty() {
            return Ok(());
        }
        provider
            .change_members(link, &id, MemberChange { team: &team, added: &added, removed: &removed })
            .await
    }
}

async fn change_user(
    link: &Link,
    doing: Doing,
    id: Option<String>,
    account: Option<Account>,
) -> Result<Option<String>, Stop> {
    let provider = link.line.provider;
    match (doing, id, account) {
        (Doing::Add, _, Some(account)) => {
            let id = provider.add_user(link, &account).await?;
            if provider.links_managers_later() {
                provider.link_manager(link, &id, &account).await?;
            }
            Ok(Some(id))
        }
        (Doing::Update, Some(id), Some(account)) => provider.write_user(link, &id, &account).await.map(Some),

        (Doing::Deactivate, Some(id), Some(account)) => {
            provider.deactivate_user(link, &id, &account).await.map(|()| Some(id))
        }
        (Doing::Reactivate, Some(id), Some(account)) => {
            provider.reactivate_user(link, &id, &account).await.map(Some)
        }
        (Doing::Delete, Some(id), _) => provider.delete_user(link, &id).await.map(|()| None),
        _ => Ok(None),
    }
}

async fn push(link: &Link, team: &Team) -> Result<(String, GroupPresence), Stop> {
    let provider = link.line.provider;
    let (id, presence) = provider.add_group(link, team).await?;
    provider.push_members(link, &id, team).await?;
    Ok((id, presence))
}
