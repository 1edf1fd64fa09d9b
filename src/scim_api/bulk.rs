//! `/Bulk` (RFC 7644 §3.7): the same verbs, one operation after the other.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::base::limits;
use crate::scim;
use crate::scim::bulk::{self, Completion, Method, Operation, Outcome, Plan, PlanError, Refusal, Step, Target};
use crate::scim::schema::ResourceType;
use crate::service::changes::{IfMatch, Written};
use crate::service::groups::{DeleteGroup, delete_group};
use crate::service::record::Origin;
use crate::service::resources::etag;
use crate::service::users::{DeleteUser, Derived, delete_user};

use super::answer::Answer;
use super::error::Refused;
use super::{At, Exchange, body, groups, users};

pub async fn bulk(at: &At<'_>, exchange: &mut Exchange) -> Result<Answer, Refused> {
    let body = body::read(exchange, limits::BULK_BODY_BYTES_MAX).await??;
    let plan = bulk::plan(&body).map_err(refused_plan)?;
    let mut run = Run { at, plan: &plan, origin: exchange.origin(), ids: HashMap::new(), outcomes: HashMap::new() };
    for step in &plan.steps {
        if run.is_over() {
            break;
        }
        match step {
            Step::Run { operation } => run.operation(*operation).await,
            Step::Complete(completion) => run.complete(completion).await,
        }
    }
    let mut outcomes = run.outcomes;
    let in_order = (0..plan.operations.len()).filter_map(|index| outcomes.remove(&index)).collect();
    Ok(Answer::json(200, Value::Object(bulk::response(in_order)).to_string()))
}

fn refused_plan(error: PlanError) -> Refused {
    match error {
        PlanError::TooManyOperations { count } => Refused::new(
            413,
            format!("{count} operations are too many: one request takes {}", limits::BULK_OPERATIONS_MAX),
        ),
        PlanError::Invalid(error) => error.into(),
    }
}

/// A plan being carried out.
struct Run<'a> {
    at: &'a At<'a>,
    plan: &'a Plan,
    origin: Origin,
    /// Ids of what was created, by bulkId.
    ids: HashMap<String, String>,
    /// What came of each operation, by its index.
    outcomes: HashMap<usize, Outcome>,
}

/// What an operation left.
struct Done {
    status: u16,
    id: Option<String>,
    location: Option<String>,
    version: Option<String>,
}

impl Run<'_> {
    fn is_over(&self) -> bool {
        let failed = self.outcomes.values().filter(|outcome| 400 <= outcome.status).count();
        self.plan.fail_on_errors.is_some_and(|errors_max| errors_max <= failed)
    }

    async fn operation(&mut self, index: usize) {
        let operation = &self.plan.operations[index];
        let done = match self.failed_dependency(&operation.depends_on) {
            Some(refused) => Err(refused),
            None => self.execute(operation).await,
        };
        let outcome = match done {
            Ok(done) => {
                if let (Some(bulk_id), Some(id)) = (&operation.bulk_id, done.id) {
                    self.ids.insert(bulk_id.clone(), id);
                }
                outcome(operation, done.status, done.version, done.location, None)
            }
            Err(refused) => {
                let location = self.location_of(operation);
                outcome(operation, refused.status, None, location, Some(refused))
            }
        };
        self.outcomes.insert(index, outcome);
    }

    fn failed_dependency(&self, depends_on: &[usize]) -> Option<Refused> {
        let has_failed = |index: &&usize| self.outcomes.get(index).is_none_or(|outcome| 400 <= outcome.status);
        let failed = depends_on.iter().find(has_failed)?;
        let bulk_id = self.plan.operations[*failed].bulk_id.as_deref().unwrap_or_default();
        let detail = format!("bulkId:{bulk_id} was not created, so nothing can refer to it");
        Some(scim::Error::invalid_value(detail).into())
    }

    async fn execute(&self, operation: &Operation) -> Result<Done, Refused> {
        let request = match &operation.request {
            Ok(request) => request,
            Err(Refusal::Invalid(error)) => return Err(error.clone().into()),
            Err(Refusal::NotFound { path }) => return Err(Refused::new(404, format!("there is nothing at {path}"))),
        };
        let id = match &request.target {
            Some(target) => self.resolved(target)?,
            None => String::new(),
        };
        let body = self.substituted(request.body.clone().unwrap_or_default())?;
        let if_match = IfMatch::parse(request.version.as_deref());
        let origin = self.origin.clone();
        let at = self.at;
        let written = match (request.resource_type, request.method) {
            (ResourceType::User, Method::Post) => users::create_from(at, body, origin).await?,
            (ResourceType::User, Method::Put) => users::replace_from(at, &id, Ok(body), if_match, origin).await?,
            (ResourceType::User, Method::Patch) => users::patch_from(at, &id, Ok(body), if_match, origin).await?,
            (ResourceType::User, Method::Delete) => {
                delete_user(at.context, at.caller, DeleteUser { id, if_match, origin }).await?;
                return Ok(self.deleted(operation));
            }
            (ResourceType::Group, Method::Post) => {
                groups::create_from(at, body, Derived::NotWanted, origin).await?
            }
            (ResourceType::Group, Method::Put) => {
                groups::replace_from(at, &id, Ok(body), if_match, Derived::NotWanted, origin).await?
            }
            (ResourceType::Group, Method::Patch) => {
                groups::patch_from(at, &id, Ok(body), if_match, (200, Derived::NotWanted), origin).await?
            }
            (ResourceType::Group, Method::Delete) => {
                delete_group(at.context, at.caller, DeleteGroup { id, if_match, origin }).await?;
                return Ok(self.deleted(operation));
            }
        };
        let status = if request.method == Method::Post { 201 } else { 200 };
        Ok(self.done(status, &written))
    }

    /// Adds what had to wait for another resource of the request.
    async fn complete(&mut self, completion: &Completion) {
        let Some(created) = self.outcomes.get(&completion.operation).filter(|outcome| outcome.status < 400) else {
            return;
        };
        let (created_method, bulk_id) = (created.method.clone(), created.bulk_id.clone());
        let result = match self.failed_dependency(&completion.depends_on) {
            Some(refused) => Err(refused),
            None => self.execute_completion(completion).await,
        };
        let outcome = match result {
            Ok(done) => Outcome {
                method: created_method,
                bulk_id,
                version: done.version,
                location: done.location,
                status: 201,
                response: None,
            },
            Err(refused) => {
                outcome(&self.plan.operations[completion.operation], refused.status, None, created.location.clone(), Some(refused))
            }
        };
        self.outcomes.insert(completion.operation, outcome);
    }

    async fn execute_completion(&self, completion: &Completion) -> Result<Done, Refused> {
        let operation = &self.plan.operations[completion.operation];
        let id = operation.bulk_id.as_ref().and_then(|bulk_id| self.ids.get(bulk_id));
        let (Some(id), Ok(request)) = (id, &operation.request) else {
            return Err(Refused::new(404, "the resource to be completed was not created"));
        };
        let body = self.substituted(completion.patch.clone())?;
        let origin = self.origin.clone();
        let written = match request.resource_type {
            ResourceType::User => users::patch_from(self.at, id, Ok(body), IfMatch::Any, origin).await?,
            ResourceType::Group => {
                let answer = (200, Derived::NotWanted);
                groups::patch_from(self.at, id, Ok(body), IfMatch::Any, answer, origin).await?
            }
        };
        Ok(self.done(201, &written))
    }

    fn resolved(&self, target: &Target) -> Result<String, Refused> {
        match target {
            Target::Id(id) => Ok(id.clone()),
            Target::BulkId(bulk_id) => self.ids.get(bulk_id).cloned().ok_or_else(|| {
                scim::Error::invalid_value(format!("bulkId:{bulk_id} names no resource created by this request")).into()
            }),
        }
    }

    fn substituted(&self, body: Map<String, Value>) -> Result<Map<String, Value>, Refused> {
        let mut body = Value::Object(body);
        bulk::substitute(&mut body, &self.ids).map_err(|unresolved| {
            scim::Error::invalid_value(format!(
                "bulkId:{} names no resource created by this request",
                unresolved.bulk_id
            ))
        })?;
        match body {
            Value::Object(body) => Ok(body),
            _ => Ok(Map::new()),
        }
    }

    fn done(&self, status: u16, written: &Written) -> Done {
        Done {
            status,
            id: Some(written.resource.id()),
            location: Some(written.resource.location(&self.at.scim_url())),
            version: Some(etag(written.resource.version())),
        }
    }

    fn deleted(&self, operation: &Operation) -> Done {
        Done { status: 204, id: None, location: self.location_of(operation), version: None }
    }

    /// The address of an existing resource that an operation is about.
    fn location_of(&self, operation: &Operation) -> Option<String> {
        let request = operation.request.as_ref().ok()?;
        let id = self.resolved(request.target.as_ref()?).ok()?;
        Some(format!("{}{}/{id}", self.at.scim_url(), request.resource_type.endpoint()))
    }
}

fn outcome(
    operation: &Operation,
    status: u16,
    version: Option<String>,
    location: Option<String>,
    refused: Option<Refused>,
) -> Outcome {
    let response = refused.and_then(|refused| match refused.body() {
        Value::Object(body) => Some(body),
        _ => None,
    });
    Outcome { method: operation.method.clone(), bulk_id: operation.bulk_id.clone(), version, location, status, response }
}
