//! `/Bulk` (RFC 7644 §3.7): the same verbs, one operation after the other.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::base::limits;
use crate::scim;
use crate::scim::dialect::Rule;
use crate::scim::bulk::{self, Completion, Method, Operation, Outcome, Plan, PlanError, Refusal, Step, Target};
use crate::scim::schema::ResourceType;
use crate::service::changes::{IfMatch, Written};
use crate::service::groups::{DeleteGroup, delete_group};
use crate::service::record::Origin;
use crate::service::resources::etag;
use crate::service::users::{DeleteUser, Derived, delete_user};

use super::answer::Answer;
use super::error::Refused;
use super::users::UserChange;
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
    let (mut outcomes, record) = (run.outcomes, run.origin.record);
    (exchange.record.rules, exchange.record.detail) = (record.rules, record.detail);
    let in_order = (0..plan.operations.len()).filter_map(|index| outcomes.remove(&index)).collect();
    Ok(Answer::json(200, Value::Object(bulk::response(in_order)).to_string()).changing())
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
#[derive(Default)]
struct Done {
    status: u16,
    id: Option<String>,
    location: Option<String>,
    version: Option<String>,
    rules: Vec<Rule>,
    /// What was invalid beside a deactivation that was done all the same.
    dropped: Option<String>,
}

impl Run<'_> {
    fn is_over(&self) -> bool {
        let failed = self.outcomes.values().filter(|outcome| 400 <= outcome.status).count();
        self.plan.fail_on_errors.is_some_and(|errors_max| errors_max <= failed)
    }

    async fn operation(&mut self, index: usize) {
        let operation = &self.plan.operations[index];
        let fault = self.failed_dependency(&operation.depends_on);
        let outcome = match self.execute(operation, fault).await {
            Ok(done) => {
                // The bulkId of another method is only repeated: it names nothing.
                if let (Some(bulk_id), Some(id), 201) = (&operation.bulk_id, &done.id, done.status) {
                    self.ids.insert(bulk_id.clone(), id.clone());
                }
                self.note(index, &done);
                outcome(operation, done.status, done.version, done.location, None)
            }
            Err(refused) => {
                let location = self.location_of(operation);
                outcome(operation, refused.status, None, location, Some(refused))
            }
        };
        self.outcomes.insert(index, outcome);
    }

    /// Adds what was noticed in an operation to the record of the whole request, which each further
    /// operation writes again.
    fn note(&mut self, index: usize, done: &Done) {
        let record = &mut self.origin.record;
        record.note_rules(done.rules.iter().map(|rule| rule.name()));
        if let Some(dropped) = &done.dropped {
            record.note_detail(&format!("operation {}: {dropped}", index + 1));
        }
    }

    fn failed_dependency(&self, depends_on: &[usize]) -> Option<scim::Error> {
        let has_failed = |index: &&usize| self.outcomes.get(index).is_none_or(|outcome| 400 <= outcome.status);
        let failed = depends_on.iter().find(has_failed)?;
        let bulk_id = self.plan.operations[*failed].bulk_id.as_deref().unwrap_or_default();
        let detail = format!("bulkId:{bulk_id} was not created, so nothing can refer to it");
        Some(scim::Error::invalid_value(detail))
    }

    /// Does one operation. A reference that leads nowhere is its fault, but keeps no deactivation
    /// from being done.
    async fn execute(&self, operation: &Operation, fault: Option<scim::Error>) -> Result<Done, Refused> {
        let request = match &operation.request {
            Ok(request) => request,
            Err(Refusal::Invalid(error)) => return Err(error.clone().into()),
            Err(Refusal::NotFound { path }) => return Err(Refused::new(404, format!("there is nothing at {path}"))),
        };
        let id = match &request.target {
            Some(target) => self.resolved(target)?,
            None => String::new(),
        };
        let mut body = request.body.clone().unwrap_or_default();
        let fault = fault.or_else(|| self.substitute(&mut body).err());
        let if_match = IfMatch::parse(request.version.as_deref());
        let written = match (request.resource_type, fault) {
            (ResourceType::User, fault) => {
                let origin = self.origin.clone();
                let change = UserChange { id: &id, body: Ok(body), fault, if_match, origin };
                self.change_user(request.method, change).await?
            }
            (ResourceType::Group, Some(fault)) => return Err(fault.into()),
            (ResourceType::Group, None) => self.change_group(request.method, &id, body, if_match).await?,
        };
        Ok(match written {
            Some(written) => self.done(if request.method == Method::Post { 201 } else { 200 }, written),
            None => self.deleted(operation),
        })
    }

    /// None when the user is gone.
    async fn change_user(&self, method: Method, change: UserChange<'_>) -> Result<Option<Written>, Refused> {
        let at = self.at;
        match (method, change.fault.clone()) {
            (Method::Put, _) => Ok(Some(users::replace_from(at, change).await?)),
            (Method::Patch, _) => Ok(Some(users::patch_from(at, change).await?)),
            (Method::Post | Method::Delete, Some(fault)) => Err(fault.into()),
            (Method::Post, None) => Ok(Some(users::create_from(at, change.body?, change.origin).await?)),
            (Method::Delete, None) => {
                let UserChange { id, if_match, origin, .. } = change;
                let request = DeleteUser { id: id.to_owned(), if_match, origin };
                delete_user(at.context, at.caller, request).await?;
                Ok(None)
            }
        }
    }

    /// None when the group is gone.
    async fn change_group(
        &self,
        method: Method,
        id: &str,
        body: Map<String, Value>,
        if_match: IfMatch,
    ) -> Result<Option<Written>, Refused> {
        let (at, origin, members) = (self.at, self.origin.clone(), Derived::NotWanted);
        Ok(Some(match method {
            Method::Post => groups::create_from(at, body, members, origin).await?,
            Method::Put => groups::replace_from(at, id, Ok(body), if_match, members, origin).await?,
            Method::Patch => groups::patch_from(at, id, Ok(body), if_match, (200, members), origin).await?,
            Method::Delete => {
                let request = DeleteGroup { id: id.to_owned(), if_match, origin };
                delete_group(at.context, at.caller, request).await?;
                return Ok(None);
            }
        }))
    }

    /// Adds what had to wait for another resource of the request.
    async fn complete(&mut self, completion: &Completion) {
        let Some(created) = self.outcomes.get(&completion.operation).filter(|outcome| outcome.status < 400) else {
            return;
        };
        let (created_method, bulk_id) = (created.method.clone(), created.bulk_id.clone());
        let result = match self.failed_dependency(&completion.depends_on) {
            Some(fault) => Err(fault.into()),
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
        let mut body = completion.patch.clone();
        self.substitute(&mut body)?;
        let origin = self.origin.clone();
        let written = match request.resource_type {
            ResourceType::User => {
                let (body, if_match) = (Ok(body), IfMatch::Any);
                users::patch_from(self.at, UserChange { id, body, fault: None, if_match, origin }).await?
            }
            ResourceType::Group => {
                let answer = (200, Derived::NotWanted);
                groups::patch_from(self.at, id, Ok(body), IfMatch::Any, answer, origin).await?
            }
        };
        Ok(self.done(201, written))
    }

    fn resolved(&self, target: &Target) -> Result<String, Refused> {
        match target {
            Target::Id(id) => Ok(id.clone()),
            Target::BulkId(bulk_id) => self.ids.get(bulk_id).cloned().ok_or_else(|| {
                scim::Error::invalid_value(format!("bulkId:{bulk_id} names no resource created by this request")).into()
            }),
        }
    }

    /// Puts ids in the place of references.
    fn substitute(&self, body: &mut Map<String, Value>) -> Result<(), scim::Error> {
        let mut whole = Value::Object(std::mem::take(body));
        let substituted = bulk::substitute(&mut whole, &self.ids);
        if let Value::Object(whole) = whole {
            *body = whole;
        }
        substituted.map_err(|unresolved| {
            let bulk_id = unresolved.bulk_id;
            scim::Error::invalid_value(format!("bulkId:{bulk_id} names no resource created by this request"))
        })
    }

    fn done(&self, status: u16, written: Written) -> Done {
        Done {
            status,
            id: Some(written.resource.id()),
            location: Some(written.resource.location(&self.at.scim_url())),
            version: Some(etag(written.resource.version())),
            rules: written.rules,
            dropped: written.dropped,
        }
    }

    fn deleted(&self, operation: &Operation) -> Done {
        Done { status: 204, location: self.location_of(operation), ..Done::default() }
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
