//! The surface from request to answer, without a network.

mod against_model;
mod changes;
mod holds;
mod laws;
mod model;

use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};

use super::ScimApi;
use crate::base::id::{DirectoryId, OrganizationId, RequestId, TokenId};
use crate::base::limits;
use crate::base::secret::{self, TokenHash};
use crate::base::time::{Clock, Timestamp};
use crate::model::credential::DirectoryToken;
use crate::model::directory::{Directory, DirectoryState, OnDeactivate};
use crate::model::organization::Organization;
use crate::model::page::{Order, PageRequest};
use crate::model::provider::Provider;
use crate::model::request_record::RequestRecord;
use crate::model::scope::AppScope;
use crate::service::{Context, Recorder};
use crate::store::app::requests::RequestFilter;
use crate::store::app::{AppTransaction, AppView};
use crate::store::{OpenOptions, Store, StoreThread};
use crate::web::metrics::Metrics;
use crate::web::{Handler, Peer, Request};

struct Harness {
    api: ScimApi,
    token: String,
    context: Context,
    _thread: StoreThread,
    folder: tempfile::TempDir,
}

async fn harness() -> Harness {
    let folder = tempfile::tempdir().expect("a folder");
    let options = OpenOptions::new(folder.path().join("rosterd.db"), Clock::System);
    let (store, thread) = Store::open(&options).expect("opens");
    let (recorder, task) = Recorder::new();
    tokio::spawn(task.run(store.clone(), Clock::System, crate::service::record::Retention::default()));
    let context = Context::new(store, Clock::System, "https://scim.example.com/", recorder);
    let token = make_directory(&context).await;
    Harness { api: ScimApi::new(context.clone(), &Metrics::new()), token, context, _thread: thread, folder }
}

async fn make_directory(context: &Context) -> String {
    let token = secret::new_token("rosterd_scim_");
    let hash = TokenHash::of(token.reveal());
    let now = Timestamp::from_millis(1_700_000_000_000);
    let (id, organization_id) = (DirectoryId::new(now), OrganizationId::new(now));
    let directory = Directory {
        id,
        organization_id,
        external_key: "acme".into(),
        name: "Acme".into(),
        provider: Provider::Generic,
        state: DirectoryState::Linked,
        strict: false,
        on_deactivate: OnDeactivate::Keep,
        group_patch_status: None,
        unique_group_names: None,
        domain: None,
        created_at: now,
        updated_at: now,
    };
    let record = DirectoryToken {
        id: TokenId::new(now),
        directory_id: id,
        organization_id,
        token_suffix: "abcd".into(),
        created_at: now,
        expires_at: None,
        last_used_at: None,
    };
    let write = move |tx: &mut AppTransaction<'_, '_>| -> Result<(), crate::store::Error> {
        tx.insert_organization(&Organization {
            id: organization_id,
            name: "Acme".into(),
            external_id: None,
            domains: Vec::new(),
            metadata: Vec::new(),
            stripe_customer_id: None,
            allow_profiles_outside_organization: false,
            created_at: now,
            updated_at: now,
        })?;
        tx.insert_directory(&directory)?;
        tx.insert_token(&record, &hash)
    };
    context.store.write_app(&AppScope::new(), write).await.expect("written");
    token.reveal().to_owned()
}

impl Harness {
    /// The file is whole, and its events fold to what its tables hold.
    fn assert_sound(&self) {
        let path = self.folder.path().join("rosterd.db");
        let file = crate::store::inspect::Inspection::open(&path).expect("opens");
        let report = crate::service::check::check(&file).expect("read");
        assert_eq!(report.problems, Vec::<String>::new());
    }

    /// Sets something of the directory, as its people would.
    async fn change_directory(&self, change: impl FnOnce(&mut Directory) + Send + 'static) {
        let write = move |tx: &mut AppTransaction<'_, '_>| -> Result<(), crate::store::Error> {
            let mut directory = tx.view().directory_by_external_key("acme")?.expect("it is there");
            change(&mut directory);
            tx.update_directory(&directory)
        };
        self.context.store.write_app(&AppScope::new(), write).await.expect("written");
    }

    /// The record of the newest POST to that path.
    async fn post_to(&self, path: &str) -> RequestRecord {
        let page = PageRequest { order: Order::NewestFirst, after: None, before: None, limit: 100 };
        let filter = RequestFilter { method: Some("POST".into()), ..RequestFilter::default() };
        let list = move |view: &AppView<'_>| -> Result<_, crate::store::Error> {
            view.request_records(&filter, &page)
        };
        let page = self.context.store.scan_app(&AppScope::new(), list).await.expect("read");
        page.items.into_iter().find(|record| record.path == path).expect("a record")
    }

    async fn send(&self, method: &str, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let bytes = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        let request = http::Request::builder()
            .method(method)
            .uri(format!("/scim/v2/acme{path}"))
            .header("authorization", format!("Bearer {}", self.token))
            .body(bytes)
            .expect("a request");
        let request = Request::from_bytes(RequestId::new(self.context.clock.now()), Peer::App, request);
        let response = self.api.handle(request).await;
        let status = response.status();
        let bytes = response.body().bytes().cloned().unwrap_or_default();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_lives_and_its_events_fold_to_the_state() {
    let harness = Arc::new(harness().await);
    let user = json!({"userName": "ada@example.com", "externalId": "1", "name": {"givenName": "Ada"}});
    let (status, created) = harness.send("POST", "/Users", Some(user.clone())).await;
    assert_eq!(status, 201, "{created}");
    assert_eq!(created["active"], json!(true));
    let (status, refused) = harness.send("POST", "/Users", Some(user.clone())).await;
    assert_eq!((status.as_u16(), &refused["scimType"]), (409, &json!("uniqueness")));
    let id = created["id"].as_str().expect("an id").to_owned();
    let group = json!({"displayName": "Team", "members": [{"value": id}]});
    let (status, group) = harness.send("POST", "/Groups", Some(group)).await;
    assert_eq!(status, 201, "{group}");
    assert_eq!(group["members"][0]["value"], json!(id));
    let (_, read) = harness.send("GET", &format!("/Users/{id}"), None).await;
    assert_eq!(read["groups"][0]["display"], json!("Team"));
    let off = json!({"Operations": [{"op": "Replace", "path": "active", "value": "False"}, {"op": "bogus"}]});
    let (status, after) = harness.send("PATCH", &format!("/Users/{id}"), Some(off)).await;
    assert_eq!((status.as_u16(), &after["active"]), (200, &json!(false)), "{after}");
    let (status, list) = harness.send("GET", "/Users?filter=userName+eq+%22ADA@example.com%22", None).await;
    assert_eq!((status.as_u16(), &list["totalResults"]), (200, &json!(1)), "{list}");
    let (status, _) = harness.send("DELETE", &format!("/Users/{id}"), None).await;
    assert_eq!(status, 204);
    let (status, back) = harness.send("POST", "/Users", Some(user)).await;
    assert_eq!((status.as_u16(), back["id"].as_str()), (201, Some(id.as_str())), "{back}");
    let file =
        crate::store::inspect::Inspection::open(&harness.folder.path().join("rosterd.db")).expect("opens");
    let report = crate::service::check::check(&file).expect("read");
    assert_eq!(report.problems, Vec::<String>::new());
    assert_eq!((report.users, report.groups, report.memberships), (1, 1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_keeps_waiting_members_up_to_the_limit_and_refuses_one_more() {
    let harness = harness().await;
    let (_, group) = harness.send("POST", "/Groups", Some(json!({"displayName": "Team"}))).await;
    let path = format!("/Groups/{}", group["id"].as_str().expect("an id"));
    let add = |from: usize, to: usize| {
        let values: Vec<Value> =
            (from..to).map(|number| json!({"value": format!("nobody-{number}")})).collect();
        json!({"Operations": [{"op": "add", "path": "members", "value": values}]})
    };
    let half = limits::PENDING_MEMBERS_PER_GROUP_MAX / 2;
    for (from, to, expected) in
        [(0, half, 200), (half, 2 * half, 200), (0, half, 200), (2 * half, 2 * half + 1, 400)]
    {
        let (status, answer) = harness.send("PATCH", &path, Some(add(from, to))).await;
        assert_eq!(status, expected, "{from}..{to}: {answer}");
    }
    let (_, read) = harness.send("GET", &path, None).await;
    assert_eq!(read.get("members"), None, "who waits is not returned");
}
