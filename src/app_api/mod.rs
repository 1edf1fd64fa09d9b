//! The app's side: the WorkOS Directory Sync API and what we offer besides.
//!
//! A request is authenticated before it is routed, so that nothing is told to those without a key;
//! only the probes, the metrics and the description need none.

mod about;
mod access;
mod alarms;
mod answer;
mod catalogue;
mod connectors;
mod directories;
mod events;
mod fields;
mod groups;
mod health;
mod held;
mod keys;
mod mapping;
mod organizations;
mod query;
mod requests;
mod routes;
mod schemas;
mod stream;
#[cfg(test)]
mod tests;
mod tokens;
mod users;
mod watch;
pub mod wire;

use std::sync::Arc;

use http::{HeaderValue, StatusCode, header};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::base::limits;
use crate::connect::Connectors;
use crate::model::held::HoldDecision;
use crate::service::app::connectors::Verdict;
use crate::service::{AppCaller, AppDenied, Context, authenticate_app};
use crate::web::metrics::Metrics;
use crate::web::{Found, Handler, MatchedRoute, Params, Peer, Request, Response, Routes};

use answer::{Refused, refuse};
use query::Query;
use routes::Route;

pub use about::OPENAPI;

/// Serves the app's API.
pub struct AppApi {
    context: Context,
    metrics: Arc<Metrics>,
    shutdown: CancellationToken,
    routes: Routes<Route>,
    /// Long polls and streams that may be open.
    waiters: Arc<Semaphore>,
    connectors: Option<Arc<Connectors>>,
}

impl AppApi {
    /// `shutdown` ends long polls and streams.
    ///
    /// # Panics
    ///
    /// When the table of routes has two of a kind: every start builds it.
    pub fn new(context: Context, metrics: Arc<Metrics>, shutdown: CancellationToken) -> Self {
        let routes = Routes::new(routes::TABLE);
        assert!(routes.is_ok(), "the table of the app's routes is wrong: {:?}", routes.err());
        #[expect(clippy::unwrap_used, reason = "asserted on the line above")]
        let routes = routes.unwrap();
        let waiters = Arc::new(Semaphore::new(limits::EVENT_WAITERS_MAX));
        Self { context, metrics, shutdown, routes, waiters, connectors: None }
    }

    /// With the daemon's connectors, without which none can be set.
    #[must_use]
    pub fn with_connectors(self, connectors: Arc<Connectors>) -> Self {
        Self { connectors: Some(connectors), ..self }
    }

    fn authenticate(&self, request: &Request) -> Result<AppCaller, Refused> {
        match request.peer {
            Peer::Operator => Ok(AppCaller::operator()),
            Peer::App | Peer::Tcp { .. } => {
                let authorization = request.header(header::AUTHORIZATION);
                authenticate_app(&self.context, authorization).map_err(denied)
            }
        }
    }

    async fn answer(&self, request: Request) -> Result<Response, Refused> {
        let found = self.routes.find(request.method(), request.path());
        if let Found::Route { route, pattern, .. } = &found
            && let Some(mut response) = self.about(*route)
        {
            response.extensions_mut().insert(MatchedRoute(pattern));
            return Ok(response);
        }
        let caller = self.authenticate(&request)?;
        match found {
            Found::Route { route, pattern, params } => {
                let mut response = match self.serve(Call { caller, request, params }, route).await {
                    Ok(response) => response,
                    Err(refused) => refused.into_response(),
                };
                response.extensions_mut().insert(MatchedRoute(pattern));
                Ok(response)
            }
            Found::NotFound => Err(Refused::new(StatusCode::NOT_FOUND, "not_found", "there is no such path")),
            Found::MethodNotAllowed { allow } => {
                let message = format!("this path takes {allow}");
                let refused = Refused::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message);
                Err(match HeaderValue::from_str(&allow) {
                    Ok(allow) => refused.with_header(header::ALLOW, allow),
                    Err(_) => refused,
                })
            }
            Found::BadSegment => {
                Err(Refused::new(StatusCode::BAD_REQUEST, "invalid_path", "the path is not UTF-8"))
            }
        }
    }

    async fn serve(&self, mut call: Call, route: Route) -> Result<Response, Refused> {
        match route {
            Route::ListOrganizations => self.list_organizations(&call).await,
            Route::CreateOrganization => self.create_organization(&mut call).await,
            Route::ReadOrganization => self.read_organization(&call),
            Route::ReadOrganizationByExternalId => self.read_organization_by_external_id(&call),
            Route::UpdateOrganization => self.update_organization(&mut call).await,
            Route::DeleteOrganization => self.delete_organization(&call).await,
            Route::ListDirectories => self.list_directories(&call).await,
            Route::CreateDirectory => self.create_directory(&mut call).await,
            Route::ReadDirectory => self.read_directory(&call).await,
            Route::UpdateDirectory => self.update_directory(&mut call).await,
            Route::DeleteDirectory => self.delete_directory(&call).await,
            Route::ListTokens => self.list_tokens(&call),
            Route::CreateToken => self.create_token(&mut call).await,
            Route::RevokeToken => self.revoke_token(&call).await,
            Route::ReadConnector => self.read_connector(&call),
            Route::PutConnector => self.put_connector(&mut call).await,
            Route::DeleteConnector => self.delete_connector(&call).await,
            Route::SyncConnector => self.sync_connector(&call).await,
            Route::ListConnectorRuns => self.list_connector_runs(&call),
            Route::ApproveRemovals => self.decide_removals(&call, Verdict::Approve).await,
            Route::DenyRemovals => self.decide_removals(&call, Verdict::Deny).await,
            Route::ReadHealth => self.read_health(&call).await,
            Route::PreviewDirectory => self.preview_directory(&call).await,
            Route::ListHeld => self.list_held(&call).await,
            Route::ApproveHeld => self.decide_held(&mut call, HoldDecision::Approve).await,
            Route::DenyHeld => self.decide_held(&mut call, HoldDecision::Deny).await,
            Route::ListAlarms => self.list_alarms(&call).await,
            Route::AcknowledgeAlarm => self.acknowledge_alarm(&call).await,
            Route::ListSchemas => self.list_schemas(&call),
            Route::ReadSchema => self.read_schema(&call),
            Route::PutSchema => self.put_schema(&mut call).await,
            Route::DeleteSchema => self.delete_schema(&call).await,
            Route::ReadMapping => self.read_mapping(&call),
            Route::PutMapping => self.put_mapping(&mut call).await,
            Route::DeleteMapping => self.delete_mapping(&call).await,
            Route::PreviewMapping => self.preview_mapping(&mut call).await,
            Route::ReadAttributes => self.read_attributes(&call).await,
            Route::RegisterSchema => self.register_schema(&mut call).await,
            Route::ListUsers => self.list_users(&call).await,
            Route::ReadUser => self.read_user(&call),
            Route::ListGroups => self.list_groups(&call).await,
            Route::ReadGroup => self.read_group(&call).await,
            Route::ListMembers => self.list_members(&call).await,
            Route::ListEvents => self.list_events(&call).await,
            Route::StreamEvents => self.stream_events(&call).await,
            Route::CheckAccess => self.check_access(&call),
            Route::ListRequests => self.list_requests(&call).await,
            Route::ReadRequest => self.read_request(&call),
            Route::ListKeys => self.list_keys(&call),
            Route::CreateKey => self.create_key(&mut call).await,
            Route::RevokeKey => self.revoke_key(&call).await,
            Route::Live | Route::Ready | Route::Metrics | Route::OpenApi => {
                Err(Refused::new(StatusCode::NOT_FOUND, "not_found", "there is no such path"))
            }
        }
    }
}

impl Handler for AppApi {
    async fn handle(&self, request: Request) -> Response {
        match self.answer(request).await {
            Ok(response) => response,
            Err(refused) => refused.into_response(),
        }
    }

    fn refuse(&self, status: StatusCode, detail: &str) -> Response {
        refuse(status, detail)
    }
}

/// One request of somebody who may ask.
struct Call {
    caller: AppCaller,
    request: Request,
    params: Params,
}

impl Call {
    fn query(&self) -> Result<Query, Refused> {
        Query::parse(self.request.query())
    }

    /// An identifier in the path; one of another form names nothing.
    fn id<T: std::str::FromStr>(&self, name: &str, what: &'static str) -> Result<T, Refused> {
        let text = self.params.get(name);
        text.parse().map_err(|_| Refused::not_found(what, text))
    }
}

fn denied(denied: AppDenied) -> Refused {
    match denied {
        AppDenied::Unauthorized { reason } => Refused::new(StatusCode::UNAUTHORIZED, "unauthorized", reason)
            .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")),
        AppDenied::Unavailable => Refused::unavailable("the store can't answer now; try again shortly"),
    }
}
