//! The SCIM surface: what identity providers speak to (RFC 7644).

mod answer;
mod body;
mod bulk;
mod counters;
mod discovery;
mod error;
mod groups;
mod lists;
mod oauth;
mod routes;
mod users;
#[cfg(test)]
mod tests;

use http::{Method, StatusCode, header};

use crate::model::request_record::{RecordedBody, RequestRecord};
use crate::scim::dialect::Rule;
use crate::service::record::{Origin, micros, recorded_query};
use crate::service::{Caller, Context, Denied, authenticate};
use crate::web::metrics::Metrics;
use crate::web::{Found, Handler, MatchedRoute, Params, Request, Response, Routes};

use answer::Answer;
use counters::Counters;
use error::Refused;
use routes::Route;

/// Serves all directories below `/scim/v2/`, and `/oauth/token`.
pub struct ScimApi {
    context: Context,
    routes: Routes<Route>,
    counters: Counters,
}

impl ScimApi {
    /// # Panics
    ///
    /// When the table of routes has two of a kind: every start builds it.
    pub fn new(context: Context, metrics: &Metrics) -> Self {
        let routes = Routes::new(routes::TABLE);
        assert!(routes.is_ok(), "the table of SCIM routes is wrong: {:?}", routes.err());
        #[expect(clippy::unwrap_used, reason = "asserted on the line above")]
        let routes = Routes::new(routes::TABLE).unwrap();
        Self { context, routes, counters: Counters::new(metrics) }
    }
}

impl Handler for ScimApi {
    async fn handle(&self, request: Request) -> Response {
        let path = request.path().to_owned();
        match path.strip_prefix("/scim/v2/") {
            Some(rest) => self.directory(request, rest).await,
            None if path == "/oauth/token" => oauth::token(&self.context, request).await,
            None => error::not_found_path().into_response(),
        }
    }

    fn refuse(&self, status: StatusCode, detail: &str) -> Response {
        Refused::new(status.as_u16(), detail).into_response()
    }
}

/// One request on its way: what is written into its record besides the outcome.
struct Exchange {
    request: Request,
    record: RequestRecord,
    keeps_bodies: bool,
}

impl ScimApi {
    async fn directory(&self, request: Request, rest: &str) -> Response {
        let external_key = rest.split('/').next().unwrap_or_default();
        let mut exchange = Exchange::new(&self.context, request);
        let authorization = exchange.request.header(header::AUTHORIZATION).map(str::to_owned);
        match authenticate(&self.context, external_key, authorization.as_deref()) {
            Ok(caller) => {
                exchange.record.directory_id = Some(caller.directory.id);
                exchange.record.token_id = caller.token_id;
                if let Some(token) = caller.token_id.filter(|_| caller.is_first_use) {
                    let now = exchange.record.received_at;
                    self.context.recorder.token_first_used(caller.directory.id, token, now).await;
                }
                self.route(exchange, &caller, &rest[external_key.len()..]).await
            }
            Err(denied) => self.deny(exchange, denied).await,
        }
    }

    async fn deny(&self, mut exchange: Exchange, denied: Denied) -> Response {
        let refused = match denied {
            Denied::Unauthorized { directory, cause } => {
                exchange.record.directory_id = directory;
                error::unauthorized().because(cause)
            }
            Denied::Paused { directory, token } => {
                exchange.record.directory_id = Some(directory);
                exchange.record.token_id = Some(token);
                error::paused()
            }
            Denied::Unavailable => error::unavailable(),
        };
        self.refused(exchange.record, exchange.request.received, refused).await
    }

    async fn route(&self, mut exchange: Exchange, caller: &Caller, path: &str) -> Response {
        // A base URL that was copied with a slash at its end makes two of it.
        let path = match path.trim_start_matches('/') {
            "" => "/",
            rest => &path[path.len() - rest.len() - 1..],
        };
        let found = self.routes.find(exchange.request.method(), path);
        let received = exchange.request.received;
        let (done, pattern) = match found {
            Found::Route { route, pattern, params } => {
                (self.dispatch(&mut exchange, caller, route, &params).await, Some(pattern))
            }
            Found::NotFound => (Err(error::not_found_path()), None),
            Found::MethodNotAllowed { allow } => (Err(error::method_not_allowed(allow)), None),
            Found::BadSegment => (Err(Refused::new(400, "the path is not UTF-8 once percent-decoded")), None),
        };
        let mut response = match done {
            Ok(answer) => {
                self.counters.count(caller.directory.provider, &answer.rules);
                self.answered(exchange.record, received, answer).await
            }
            Err(refused) => self.refused(exchange.record, received, refused).await,
        };
        if let Some(pattern) = pattern {
            response.extensions_mut().insert(MatchedRoute(pattern));
        }
        response
    }

    async fn dispatch(
        &self,
        exchange: &mut Exchange,
        caller: &Caller,
        route: Route,
        params: &Params,
    ) -> Result<Answer, Refused> {
        let at = At { context: &self.context, caller, id: params.get("id") };
        match route {
            Route::UsersList | Route::GroupsList | Route::RootList => lists::list(&at, exchange, route.types()).await,
            Route::UsersSearch | Route::GroupsSearch | Route::RootSearch => {
                lists::search(&at, exchange, route.types()).await
            }
            Route::UserCreate => users::create(&at, exchange).await,
            Route::UserRead => users::read(&at, exchange),
            Route::UserReplace => users::replace(&at, exchange).await,
            Route::UserPatch => users::patch(&at, exchange).await,
            Route::UserDelete => users::delete(&at, exchange).await,
            Route::GroupCreate => groups::create(&at, exchange).await,
            Route::GroupRead => groups::read(&at, exchange),
            Route::GroupReplace => groups::replace(&at, exchange).await,
            Route::GroupPatch => groups::patch(&at, exchange).await,
            Route::GroupDelete => groups::delete(&at, exchange).await,
            Route::Bulk => bulk::bulk(&at, exchange).await,
            Route::Me => Err(error::me()),
            Route::ServiceProviderConfig => Ok(discovery::service_provider_config(&at)),
            Route::ResourceTypes => discovery::resource_types(&at, exchange),
            Route::ResourceType => discovery::resource_type(&at),
            Route::Schemas => discovery::schemas(&at, exchange),
            Route::Schema => discovery::schema(&at),
        }
    }

    async fn answered(&self, mut record: RequestRecord, received: std::time::Instant, answer: Answer) -> Response {
        if !answer.is_recorded {
            record.status = answer.status;
            record.resource_id = answer.resource_id.clone();
            record.note_rules(answer.rules.iter().map(|rule| rule.name()));
            record.duration_micros = micros(received);
            match answer.is_change {
                true => self.context.recorder.keep(record).await,
                false => self.context.recorder.record(record).await,
            }
        }
        answer.into_response()
    }

    async fn refused(&self, mut record: RequestRecord, received: std::time::Instant, refused: Refused) -> Response {
        record.status = refused.status;
        record.scim_type = refused.scim_type.map(str::to_owned);
        record.detail = Some(refused.cause().to_owned());
        record.duration_micros = micros(received);
        if let Some(text) = refused.body_text() {
            let bytes = u64::try_from(text.len()).unwrap_or(u64::MAX);
            record.response_body = Some(RecordedBody { text, bytes, is_truncated: false });
        }
        if record.directory_id.is_some() {
            self.context.recorder.record(record).await;
        }
        refused.into_response()
    }
}

/// What every handler works with.
struct At<'a> {
    context: &'a Context,
    caller: &'a Caller,
    /// The id in the path; empty where there is none.
    id: &'a str,
}

impl At<'_> {
    fn scim_url(&self) -> String {
        self.context.scim_url(&self.caller.directory.external_key)
    }
}

impl Exchange {
    fn new(context: &Context, request: Request) -> Self {
        let record = RequestRecord {
            id: request.id,
            directory_id: None,
            token_id: None,
            received_at: context.clock.now(),
            duration_micros: 0,
            method: request.method().to_string(),
            path: request.path().to_owned(),
            query: recorded_query(request.query()),
            status: 0,
            scim_type: None,
            detail: None,
            rules: Vec::new(),
            resource_id: None,
            client_address: request.client_address().map(|address| address.to_string()),
            user_agent: request.header(header::USER_AGENT).map(|agent| agent.chars().take(200).collect()),
            request_body: None,
            response_body: None,
            events: Vec::new(),
        };
        Self { request, record, keeps_bodies: context.settings.keeps_bodies }
    }

    /// Where a change comes from.
    fn origin(&self) -> Origin {
        Origin { request_id: self.request.id, record: self.record.clone(), received: self.request.received }
    }

    fn header(&self, name: header::HeaderName) -> Option<&str> {
        self.request.header(name)
    }
}

/// Rules without repetition, in the order in which they applied.
fn distinct(mut rules: Vec<Rule>) -> Vec<Rule> {
    let mut seen = Vec::new();
    rules.retain(|rule| {
        let is_new = !seen.contains(rule);
        seen.push(*rule);
        is_new
    });
    rules
}

/// Kept here for the table of routes.
const GET: Method = Method::GET;
const POST: Method = Method::POST;
const PUT: Method = Method::PUT;
const PATCH: Method = Method::PATCH;
const DELETE: Method = Method::DELETE;
