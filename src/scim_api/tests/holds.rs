//! Random requests to a directory whose brake holds, with approvals and denials between them: the
//! provider's side does what the model does, the app's reads are what its events come to, and no
//! event ever speaks of a user who is held.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::against_model::{Ids, Step, check_state, step, take};
use super::model::{Model, Said};
use super::{Harness, harness};
use crate::base::id::{DirectoryId, UserId};
use crate::model::brake::{Brake, BrakeMode, Watch};
use crate::model::directory::OnDeactivate;
use crate::model::event::NewEvent;
use crate::model::fold::State;
use crate::model::held::HoldDecision;
use crate::model::page::{Order, PageRequest};
use crate::service::AppCaller;
use crate::service::app::access::{AccessQuestion, check_access};
use crate::service::app::directories::{
    DirectoryChange, WatchChange, directory_by_external_key, update_directory,
};
use crate::service::app::groups::{GroupQuery, list_groups};
use crate::service::app::held::{decide_held, list_held};
use crate::service::app::users::{UserQuery, list_users, read_user};
use crate::store::app::AppTransaction;
use crate::store::app::events::EventFilter;

const PAGE: PageRequest = PageRequest { order: Order::OldestFirst, after: None, before: None, limit: 1_000 };

#[derive(Debug, Clone)]
enum Turn {
    Provider(Step),
    DecideAll(HoldDecision),
    DecideOne(usize, HoldDecision),
    OnDeactivate(OnDeactivate),
    Brake(BrakeMode),
}

fn decision() -> impl Strategy<Value = HoldDecision> {
    prop_oneof![Just(HoldDecision::Approve), Just(HoldDecision::Deny)]
}

/// A team of four and one of two: from nothing, random requests would seldom come to holds that matter.
fn beginning() -> Vec<Turn> {
    let person = |user_name: &str, external_id: Option<&str>| {
        Step::Post(Said {
            user_name: user_name.to_owned(),
            external_id: external_id.map(str::to_owned),
            title: None,
            active: None,
        })
    };
    let steps = vec![
        person("ada", Some("x1")),
        person("ben", Some("x2")),
        person("cleo", Some("x3")),
        person("dora", None),
        Step::PostTeam("A".to_owned(), vec![0, 1, 2, 3]),
        Step::PostTeam("B".to_owned(), vec![0, 1]),
        Step::SetActive(3, false),
    ];
    steps.into_iter().map(Turn::Provider).collect()
}

fn turn() -> impl Strategy<Value = Turn> {
    prop_oneof![
        20 => step().prop_map(Turn::Provider),
        1 => decision().prop_map(Turn::DecideAll),
        2 => (0..6_usize, decision()).prop_map(|(index, decision)| Turn::DecideOne(index, decision)),
        2 => prop_oneof![Just(OnDeactivate::Keep), Just(OnDeactivate::Delete)].prop_map(Turn::OnDeactivate),
        1 => prop_oneof![4 => Just(BrakeMode::Hold), 1 => Just(BrakeMode::Alarm)].prop_map(Turn::Brake),
    ]
}

/// One directory as its operator sees it.
struct Operator<'h> {
    harness: &'h Harness,
    caller: AppCaller,
    directory: DirectoryId,
}

impl<'h> Operator<'h> {
    /// With a brake that holds from the second user on.
    async fn of(harness: &'h Harness) -> Self {
        let caller = AppCaller::operator();
        let directory = directory_by_external_key(&harness.context, &caller, "acme").expect("read");
        let directory = directory.expect("a directory").id;
        let operator = Self { harness, caller, directory };
        let brake =
            Brake { mode: BrakeMode::Hold, threshold_percent: 0, threshold_min: 1, window_secs: 3_600 };
        let watch = Watch { brake, silence_after_secs: 0 };
        operator.write(move |tx| Ok(tx.directory(directory).put_watch(watch)?)).await;
        operator
    }

    async fn write(
        &self,
        work: impl FnOnce(&mut AppTransaction<'_, '_>) -> Result<(), crate::service::app::AppFailure>
        + Send
        + 'static,
    ) {
        self.harness.context.store.write_app(self.caller.scope(), work).await.expect("written");
    }

    async fn decide(&self, users: Option<Vec<UserId>>, decision: HoldDecision) {
        decide_held(&self.harness.context, &self.caller, self.directory, users, decision)
            .await
            .expect("decided");
    }

    async fn change(&self, change: DirectoryChange) {
        update_directory(&self.harness.context, &self.caller, self.directory, change).await.expect("changed");
    }

    /// Held users by id; whether each was denied.
    async fn held(&self) -> BTreeMap<String, bool> {
        let page =
            list_held(&self.harness.context, &self.caller, self.directory, PAGE).await.expect("listed");
        page.items.into_iter().map(|held| (held.user.id.to_string(), held.denied_at.is_some())).collect()
    }

    async fn events(&self) -> Vec<Value> {
        let filter = EventFilter { directories: Some(vec![self.directory]), ..EventFilter::default() };
        let page = PageRequest { limit: usize::MAX - 1, ..PAGE };
        let read = move |view: &crate::store::app::AppView<'_>| view.events(&filter, &page);
        let page = self.harness.context.store.scan_app(self.caller.scope(), read).await.expect("read");
        page.items.iter().map(|event| serde_json::from_str(&event.body).expect("JSON")).collect()
    }

    /// What the app's reads show is what the events come to; and `/access` follows.
    async fn complaints(&self) -> Vec<String> {
        let mut state = State::default();
        for event in self.events().await {
            if let Err(error) = state.apply(&event) {
                return vec![error.to_string()];
            }
        }
        let mut found = Vec::new();
        let (context, held) = (&self.harness.context, self.held().await);
        let query = UserQuery { directory: Some(self.directory), ..UserQuery::default() };
        let users = list_users(context, &self.caller, query, PAGE).await.expect("listed").items;
        let listed: BTreeSet<String> = users.iter().map(|seen| seen.user.id.to_string()).collect();
        if listed != state.users.keys().cloned().collect() {
            found.push(format!("users {listed:?} are listed, {:?} told", state.users.keys()));
        }
        for seen in &users {
            let id = seen.user.id.to_string();
            let mut shown = NewEvent::user_created(&seen.user).data;
            let mut told = state.users.get(&id).cloned().unwrap_or_default();
            (shown.shift_remove("updated_at"), told.shift_remove("updated_at"));
            if shown != told {
                found.push(format!("{id} is shown as {shown:?}, told as {told:?}"));
            }
            let read = read_user(context, &self.caller, seen.user.id).expect("read");
            let groups: BTreeSet<String> = read.groups.iter().map(|group| group.id.to_string()).collect();
            let members = state.memberships.iter().filter(|(_, user)| *user == id);
            if read != *seen || groups != members.map(|(group, _)| group.clone()).collect() {
                found.push(format!("{id} is in {groups:?}, which was not told"));
            }
            let question = AccessQuestion::User { id: Some(seen.user.id), within: None };
            let access = check_access(context, &self.caller, &question).expect("answered");
            let may = shown.get("state") == Some(&json!("active")) && held.get(&id) != Some(&false);
            if access.is_allowed != may {
                found.push(format!("{id} has access: {}, reason {:?}", access.is_allowed, access.reason));
            }
        }
        found.extend(self.group_complaints(&state).await);
        found
    }

    /// Each group has the members, by list and by count, that were told.
    async fn group_complaints(&self, state: &State) -> Vec<String> {
        let mut found = Vec::new();
        let query = GroupQuery { directory: Some(self.directory), ..GroupQuery::default() };
        let groups =
            list_groups(&self.harness.context, &self.caller, query, PAGE).await.expect("listed").items;
        for counted in &groups {
            let id = counted.group.id.to_string();
            let query = UserQuery { group: Some(counted.group.id), ..UserQuery::default() };
            let members =
                list_users(&self.harness.context, &self.caller, query, PAGE).await.expect("listed").items;
            let listed: BTreeSet<String> = members.iter().map(|member| member.user.id.to_string()).collect();
            let told = state.memberships.iter().filter(|(group, _)| *group == id);
            let told: BTreeSet<String> = told.map(|(_, user)| user.clone()).collect();
            if listed != told || counted.members_count != u64::try_from(told.len()).unwrap_or(u64::MAX) {
                found.push(format!(
                    "{id} has {listed:?}, {} of them; told were {told:?}",
                    counted.members_count
                ));
            }
        }
        found
    }
}

async fn play(operator: &Operator<'_>, model: &mut Model, ids: &mut Ids, turn: &Turn) {
    match turn {
        Turn::Provider(step) => take(operator.harness, model, ids, step).await,
        Turn::DecideAll(decision) => operator.decide(None, *decision).await,
        Turn::DecideOne(index, decision) => {
            if let Some(id) = ids.people.get(*index) {
                operator.decide(Some(vec![id.parse().expect("an id")]), *decision).await;
            }
        }
        Turn::OnDeactivate(what) => {
            operator
                .change(DirectoryChange { on_deactivate: Some(*what), ..DirectoryChange::default() })
                .await;
        }
        Turn::Brake(mode) => {
            let watch = WatchChange { mode: Some(*mode), ..WatchChange::default() };
            operator.change(DirectoryChange { watch, ..DirectoryChange::default() }).await;
        }
    }
}

/// Events that speak of one of these users.
fn about<'e>(events: &'e [Value], users: &BTreeSet<&String>) -> Vec<&'e Value> {
    let is_about = |event: &&Value| {
        let ids = [event["data"]["id"].as_str(), event["data"]["user"]["id"].as_str()];
        ids.into_iter().flatten().any(|id| users.iter().any(|user| *user == id))
    };
    events.iter().filter(is_about).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nobody_who_is_held_is_told_of_and_the_events_come_to_what_the_app_sees(
        turns in proptest::collection::vec(turn(), 1..40)
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        runtime.block_on(async {
            let harness = harness().await;
            let operator = Operator::of(&harness).await;
            let (mut model, mut ids) = (Model::default(), Ids::default());
            let (mut before, mut events_before) = (operator.held().await, operator.events().await.len());
            for turn in beginning().iter().chain(&turns) {
                play(&operator, &mut model, &mut ids, turn).await;
                let (after, events) = (operator.held().await, operator.events().await);
                let held: BTreeSet<&String> = before.keys().filter(|id| after.contains_key(*id)).collect();
                assert_eq!(about(&events[events_before..], &held), Vec::<&Value>::new(), "{turn:?}");
                (before, events_before) = (after, events.len());
                assert_eq!(operator.complaints().await, Vec::<String>::new(), "{turn:?}");
            }
            check_state(&harness, &model, &ids).await;
            operator.decide(None, HoldDecision::Approve).await;
            let denied = operator.held().await.into_keys().map(|id| id.parse().expect("an id")).collect();
            operator.decide(Some(denied), HoldDecision::Approve).await;
            assert_eq!(operator.held().await.len(), 0);
            assert_eq!(operator.complaints().await, Vec::<String>::new(), "after all was approved");
            check_state(&harness, &model, &ids).await;
        });
    }
}

/// A team of four, of whom three are deactivated: the first one is told of, two are held.
async fn two_held(harness: &Harness) -> (Operator<'_>, Vec<String>) {
    let operator = Operator::of(harness).await;
    let mut ids = Vec::new();
    for name in ["a", "b", "c", "d"] {
        let (_, user) = harness.send("POST", "/Users", Some(json!({"userName": name}))).await;
        ids.push(user["id"].as_str().expect("an id").to_owned());
    }
    let members: Vec<Value> = ids.iter().map(|id| json!({"value": id})).collect();
    harness.send("POST", "/Groups", Some(json!({"displayName": "Team", "members": members}))).await;
    for id in &ids[..3] {
        let off = json!({"Operations": [{"op": "replace", "path": "active", "value": false}]});
        harness.send("PATCH", &format!("/Users/{id}"), Some(off)).await;
    }
    assert_eq!(operator.held().await.into_keys().collect::<Vec<_>>(), ids[1..3]);
    assert_eq!(operator.complaints().await, Vec::<String>::new());
    (operator, ids)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_user_that_is_shown_too_early_is_found() {
    let harness = harness().await;
    let (operator, ids) = two_held(&harness).await;
    let (directory, id) = (operator.directory, ids[1].parse::<UserId>().expect("an id"));
    operator.write(move |tx| Ok(tx.directory(directory).set_user_visible(id, true)?)).await;
    assert_ne!(operator.complaints().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_that_ends_without_its_events_is_found() {
    let harness = harness().await;
    let (operator, ids) = two_held(&harness).await;
    let (directory, id) = (operator.directory, ids[1].parse::<UserId>().expect("an id"));
    operator.write(move |tx| Ok(tx.directory(directory).thaw_user(id)?)).await;
    assert_ne!(operator.complaints().await, Vec::<String>::new());
    let file =
        crate::store::inspect::Inspection::open(&harness.folder.path().join("rosterd.db")).expect("opens");
    assert_ne!(crate::service::check::check(&file).expect("read").problems, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_about_a_held_user_is_found() {
    let harness = harness().await;
    let (operator, ids) = two_held(&harness).await;
    let events = operator.events().await;
    assert_eq!(about(&events, &BTreeSet::from([&ids[3]])).len(), 2, "created, and added to the team");
}
