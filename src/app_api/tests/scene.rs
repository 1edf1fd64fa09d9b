//! A surface on a file of its own, and what a provider would do in it.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::app_api::AppApi;
use crate::base::id::RequestId;
use crate::base::time::Clock;
use crate::model::request_record::RequestRecord;
use crate::scim::resource::{MemberRef, Resource, is_urn};
use crate::scim::schema::standard;
use crate::scim::{Strictness, patch};
use crate::service::changes::{IfMatch, Replacement, Unmentioned};
use crate::service::groups::{CreateGroup, DeleteGroup, PatchGroup, create_group, delete_group, patch_group};
use crate::service::users::{
    CreateUser, DeleteUser, Derived, UpdateUser, create_user, delete_user, replace_user,
};
use crate::service::{Caller, Context, Origin, Recorder, authenticate};
use crate::store::{OpenOptions, Store, StoreThread};
use crate::web::metrics::Metrics;
use crate::web::{Handler, Peer, Request, Response};

pub struct Scene {
    pub api: Arc<AppApi>,
    pub context: Context,
    pub shutdown: CancellationToken,
    folder: TempDir,
    _thread: StoreThread,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

/// A directory and its token.
pub struct Customer {
    pub id: String,
    pub organization_id: String,
    pub external_key: String,
    token: String,
}

impl Scene {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let options = OpenOptions::new(folder.path().join("rosterd.db"), Clock::System);
        let (store, thread) = Store::open(&options).expect("opens");
        let (recorder, task) = Recorder::new();
        tokio::spawn(task.run(store.clone(), Clock::System, crate::service::record::Retention::default()));
        let context = Context::new(store, Clock::System, "https://scim.example.com/", recorder);
        let shutdown = CancellationToken::new();
        tokio::spawn(crate::service::remap::run(context.clone(), shutdown.clone()));
        let api = AppApi::new(context.clone(), Arc::new(Metrics::new()), shutdown.clone());
        Self { api: Arc::new(api), context, shutdown, folder, _thread: thread }
    }

    /// Asks as the operator.
    pub async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let bytes = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        let request = http::Request::builder().method(method).uri(path).body(bytes).expect("a request");
        read(&self.send(Peer::Operator, request).await)
    }

    pub async fn get(&self, path: &str) -> Value {
        let answer = self.ask("GET", path, None).await;
        assert_eq!(answer.status, 200, "GET {path}: {}", answer.body);
        answer.body
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        let answer = self.ask("POST", path, Some(body)).await;
        assert_eq!(answer.status, 201, "POST {path}: {}", answer.body);
        answer.body
    }

    pub async fn send(&self, peer: Peer, request: http::Request<Bytes>) -> Response {
        let id = RequestId::new(self.context.clock.now());
        self.api.handle(Request::from_bytes(id, peer, request)).await
    }

    pub async fn directory(&self, body: Value) -> Customer {
        let made = self.post("/directories", body).await;
        Customer {
            id: text(&made["id"]),
            organization_id: text(&made["organization_id"]),
            external_key: text(&made["external_key"]),
            token: text(&made["bearer_token"]),
        }
    }

    fn caller(&self, customer: &Customer) -> Caller {
        let header = format!("Bearer {}", customer.token);
        authenticate(&self.context, &customer.external_key, Some(&header)).expect("may come in")
    }

    fn origin(&self, caller: &Caller) -> Origin {
        let request_id = RequestId::new(self.context.clock.now());
        let record = RequestRecord {
            id: request_id,
            directory_id: Some(caller.directory.id),
            token_id: caller.token_id,
            received_at: self.context.clock.now(),
            duration_micros: 0,
            method: "POST".to_owned(),
            path: "/scim/v2/acme/Users".to_owned(),
            query: String::new(),
            status: 0,
            scim_type: None,
            detail: None,
            rules: Vec::new(),
            resource_id: None,
            client_address: None,
            user_agent: None,
            request_body: None,
            response_body: None,
            events: Vec::new(),
        };
        Origin { request_id, record, received: Instant::now() }
    }

    /// The provider creates a user; its id.
    pub async fn user(&self, customer: &Customer, attributes: Value) -> String {
        let caller = self.caller(customer);
        let request =
            CreateUser { resource: resource(attributes), rules: Vec::new(), origin: self.origin(&caller) };
        let written = create_user(&self.context, &caller, request).await.expect("created");
        written.resource.id()
    }

    /// The provider replaces a user.
    pub async fn replace(&self, customer: &Customer, id: &str, attributes: Value) {
        let caller = self.caller(customer);
        let request = UpdateUser {
            id: id.to_owned(),
            if_match: IfMatch::Any,
            deactivates: attributes["active"] == json!(false),
            body: Ok(Replacement { body: resource(attributes), unmentioned_external_id: Unmentioned::Kept }),
            rules: Vec::new(),
            origin: self.origin(&caller),
        };
        replace_user(&self.context, &caller, request).await.expect("replaced");
    }

    pub async fn delete(&self, customer: &Customer, id: &str) {
        let caller = self.caller(customer);
        let origin = self.origin(&caller);
        let request = DeleteUser { id: id.to_owned(), if_match: IfMatch::Any, origin };
        delete_user(&self.context, &caller, request).await.expect("deleted");
    }

    /// The provider creates a group; its id.
    pub async fn group(&self, customer: &Customer, name: &str, members: &[&str]) -> String {
        let caller = self.caller(customer);
        let members = members.iter().map(|id| MemberRef { value: (*id).to_owned(), kind: None });
        let request = CreateGroup {
            resource: resource(json!({"displayName": name})),
            members: members.collect(),
            answer_members: Derived::NotWanted,
            rules: Vec::new(),
            origin: self.origin(&caller),
        };
        let written = create_group(&self.context, &caller, request).await.expect("created");
        written.resource.id()
    }

    /// The provider gives a group another name.
    pub async fn rename_group(&self, customer: &Customer, id: &str, name: &str) {
        let caller = self.caller(customer);
        let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{"op": "replace", "path": "displayName", "value": name}]});
        let body = body.as_object().expect("an object");
        let patch = patch::parse(body, &caller.registry.group, Strictness::Lenient);
        let request = PatchGroup {
            id: id.to_owned(),
            if_match: IfMatch::Any,
            patch,
            status: 204,
            answer_members: Derived::NotWanted,
            rules: Vec::new(),
            origin: self.origin(&caller),
        };
        patch_group(&self.context, &caller, request).await.expect("renamed");
    }

    pub async fn delete_group(&self, customer: &Customer, id: &str) {
        let caller = self.caller(customer);
        let origin = self.origin(&caller);
        let request = DeleteGroup { id: id.to_owned(), if_match: IfMatch::Any, origin };
        delete_group(&self.context, &caller, request).await.expect("deleted");
    }

    /// Names of a directory's events, tokens left out.
    pub async fn told(&self, customer: &Customer) -> Vec<String> {
        let events = self.get(&format!("/events?directory={}&limit=1000", customer.id)).await;
        let names = events["data"].as_array().expect("a list").iter().map(|event| text(&event["event"]));
        names.filter(|name| !name.starts_with("dsync.token")).collect()
    }

    /// The file is whole, and its events fold to what its tables hold.
    pub fn assert_sound(&self) {
        let path = self.folder.path().join("rosterd.db");
        let file = crate::store::inspect::Inspection::open(&path).expect("opens");
        let report = crate::service::check::check(&file).expect("read");
        assert_eq!(report.problems, Vec::<String>::new());
    }
}

/// An answer's status and JSON.
pub fn read(response: &Response) -> Answer {
    let bytes = response.body().bytes().cloned().unwrap_or_default();
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    Answer { status: response.status().as_u16(), body }
}

/// The ids on a page.
pub fn ids(list: &Value) -> Vec<String> {
    list["data"].as_array().expect("a list").iter().map(|item| text(&item["id"])).collect()
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

fn resource(attributes: Value) -> Resource {
    let Value::Object(attributes) = attributes else { panic!("a resource is an object") };
    // What no schema knows is kept apart, as the parser does.
    let registry = standard();
    let is_known = |name: &str| is_urn(name) || registry.user.core_attribute(name).is_some();
    let (attributes, extra) = attributes.into_iter().partition(|(name, _)| is_known(name));
    Resource { attributes, extra }
}
