//! Random requests against the surface and against the model: same answers, same state, and events
//! that fold to that state.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::model::{Expected, Life, Model, Said};
use super::{Harness, harness};

#[derive(Debug, Clone)]
pub(super) enum Step {
    Post(Said),
    Put(usize, Said),
    SetActive(usize, bool),
    Rename(usize, String),
    Delete(usize),
    PostTeam(String, Vec<usize>),
    ChangeTeam { team: usize, remove: Vec<usize>, add: Vec<usize>, replace: bool },
    DeleteTeam(usize),
}

fn user_name() -> impl Strategy<Value = String> {
    prop_oneof![Just("ada"), Just("ADA"), Just("ben"), Just("cleo"), Just("dora")].prop_map(str::to_owned)
}

fn external_id() -> impl Strategy<Value = Option<String>> {
    prop_oneof![2 => Just(None), 3 => prop_oneof![Just("x1"), Just("x2"), Just("x3")].prop_map(|id| Some(id.to_owned()))]
}

prop_compose! {
    fn said()(
        user_name in user_name(),
        external_id in external_id(),
        title in proptest::option::of(prop_oneof![Just("Boss".to_owned()), Just("Clerk".to_owned())]),
        active in prop_oneof![3 => Just(None), 2 => Just(Some(true)), 2 => Just(Some(false))],
    ) -> Said {
        Said { user_name, external_id, title, active }
    }
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    let person = || 0..6_usize;
    let team = || 0..3_usize;
    let people = || proptest::collection::vec(person(), 0..4);
    prop_oneof![
        6 => said().prop_map(Step::Post),
        3 => (person(), said()).prop_map(|(index, said)| Step::Put(index, said)),
        4 => (person(), any::<bool>()).prop_map(|(index, active)| Step::SetActive(index, active)),
        2 => (person(), user_name()).prop_map(|(index, name)| Step::Rename(index, name)),
        3 => person().prop_map(Step::Delete),
        2 => ("[A-C]", people()).prop_map(|(name, members)| Step::PostTeam(name, members)),
        5 => (team(), people(), people(), proptest::bool::weighted(0.2))
            .prop_map(|(team, remove, add, replace)| Step::ChangeTeam { team, remove, add, replace }),
        1 => team().prop_map(Step::DeleteTeam),
    ]
}

/// The ids behind the places in the model's lists.
#[derive(Default)]
pub(super) struct Ids {
    pub people: Vec<String>,
    teams: Vec<String>,
}

const NOBODY: &str = "directory_user_00000000000000000000000000";

impl Ids {
    fn person(&self, index: usize) -> &str {
        self.people.get(index).map_or(NOBODY, String::as_str)
    }

    fn team(&self, index: usize) -> &str {
        self.teams.get(index).map_or("directory_group_00000000000000000000000000", String::as_str)
    }

    fn values(&self, people: &[usize], known: usize) -> Vec<Value> {
        let named = people.iter().filter(|index| **index < known);
        named.map(|index| json!({"value": self.person(*index)})).collect()
    }
}

fn body(said: &Said) -> Value {
    let mut body = json!({"userName": said.user_name});
    for (name, text) in [("externalId", &said.external_id), ("title", &said.title)] {
        if let Some(text) = text {
            body[name] = text.as_str().into();
        }
    }
    if let Some(active) = said.active {
        body["active"] = active.into();
    }
    body
}

pub(super) async fn take(harness: &Harness, model: &mut Model, ids: &mut Ids, step: &Step) {
    let known = model.people.len();
    let (expected, (status, answer)) = match step {
        Step::Post(said) => (model.post(said), harness.send("POST", "/Users", Some(body(said))).await),
        Step::Put(index, said) => {
            let path = format!("/Users/{}", ids.person(*index));
            (model.put(*index, said), harness.send("PUT", &path, Some(body(said))).await)
        }
        Step::SetActive(index, active) => {
            let path = format!("/Users/{}", ids.person(*index));
            let patch = json!({"Operations": [{"op": "replace", "path": "active", "value": active}]});
            (model.set_active(*index, *active), harness.send("PATCH", &path, Some(patch)).await)
        }
        Step::Rename(index, name) => {
            let path = format!("/Users/{}", ids.person(*index));
            let patch = json!({"Operations": [{"op": "replace", "value": {"userName": name}}]});
            (model.rename(*index, name), harness.send("PATCH", &path, Some(patch)).await)
        }
        Step::Delete(index) => {
            let path = format!("/Users/{}", ids.person(*index));
            (model.delete(*index), harness.send("DELETE", &path, None).await)
        }
        Step::PostTeam(name, members) => {
            let body = json!({"displayName": name, "members": ids.values(members, known)});
            (model.post_team(name, members), harness.send("POST", "/Groups", Some(body)).await)
        }
        Step::ChangeTeam { team, remove, add, replace } => {
            let path = format!("/Groups/{}", ids.team(*team));
            let mut operations = Vec::new();
            if *replace {
                operations.push(json!({"op": "replace", "path": "members", "value": []}));
            }
            for index in remove.iter().filter(|index| **index < known) {
                let path = format!("members[value eq \"{}\"]", ids.person(*index));
                operations.push(json!({"op": "remove", "path": path}));
            }
            operations.push(json!({"op": "add", "path": "members", "value": ids.values(add, known)}));
            let patch = json!({"Operations": operations});
            (model.change_team(*team, remove, add, *replace), harness.send("PATCH", &path, Some(patch)).await)
        }
        Step::DeleteTeam(team) => {
            let path = format!("/Groups/{}", ids.team(*team));
            (model.delete_team(*team), harness.send("DELETE", &path, None).await)
        }
    };
    check_answer(ids, step, expected, status.as_u16(), &answer);
}

fn check_answer(ids: &mut Ids, step: &Step, expected: Expected, status: u16, answer: &Value) {
    match expected {
        Expected::Created(index) => {
            assert_eq!(status, 201, "{step:?}: {answer}");
            let list = if matches!(step, Step::PostTeam(..)) { &mut ids.teams } else { &mut ids.people };
            let id = answer["id"].as_str().unwrap_or_default().to_owned();
            if index == list.len() {
                list.push(id);
            } else {
                assert_eq!(list[index], id, "{step:?}: the same person has the same id");
            }
        }
        Expected::Done => assert!((200..300).contains(&status), "{step:?}: {status} {answer}"),
        Expected::Conflict => assert_eq!(status, 409, "{step:?}: {answer}"),
        Expected::NotFound => assert_eq!(status, 404, "{step:?}: {answer}"),
    }
}

pub(super) async fn check_state(harness: &Harness, model: &Model, ids: &Ids) {
    for (index, person) in model.people.iter().enumerate() {
        let (status, user) = harness.send("GET", &format!("/Users/{}", ids.people[index]), None).await;
        if person.life != Life::Present {
            assert_eq!(status, 404, "{person:?}");
            continue;
        }
        assert_eq!(user["userName"], json!(person.user_name));
        assert_eq!(user["active"], json!(person.active), "{person:?} {user}");
        assert_eq!(user.get("title").and_then(Value::as_str), person.title.as_deref());
        assert_eq!(user.get("externalId").and_then(Value::as_str), person.external_id.as_deref());
    }
    for (index, team) in model.teams.iter().enumerate() {
        let (status, group) = harness.send("GET", &format!("/Groups/{}", ids.teams[index]), None).await;
        if !team.present {
            assert_eq!(status, 404, "{team:?}");
            continue;
        }
        let members = group["members"].as_array().cloned().unwrap_or_default();
        let mut found: Vec<&str> = members.iter().filter_map(|member| member["value"].as_str()).collect();
        let mut wanted: Vec<&str> = team.members.iter().map(|member| ids.people[*member].as_str()).collect();
        found.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(found, wanted, "{team:?}");
    }
    let present = model.people.iter().filter(|person| person.life == Life::Present).count();
    let (_, list) = harness.send("GET", "/Users?count=0", None).await;
    assert_eq!(list["totalResults"], json!(present));
    harness.assert_sound();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_requests_does_what_the_model_does(steps in proptest::collection::vec(step(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        runtime.block_on(async {
            let harness = harness().await;
            let (mut model, mut ids) = (Model::default(), Ids::default());
            for step in &steps {
                take(&harness, &mut model, &mut ids, step).await;
            }
            check_state(&harness, &model, &ids).await;
        });
    }
}
