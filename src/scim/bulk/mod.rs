//! Bulk requests (RFC 7644 §3.7): read, put into an order in which every reference can be resolved,
//! and answered. Carrying out the steps is the service's part.
//!
//! How to use it: [`plan`] the body. Walk through `steps` in their order. A [`Step::Run`] is one
//! operation: fail it at once when its `request` is a refusal, or when an operation it depends on
//! has failed (but a deactivation in a PUT or PATCH is done); otherwise [`substitute`] the ids known
//! so far, which refuses a reference to nothing, do it, and remember the new id of a
//! POST under its `bulk_id`. A [`Step::Complete`] adds, by PATCH, what had to be cut out of a POST
//! because two resources name each other. Answer with [`response()`], in the order of the request.

mod order;
mod parse;
mod references;
mod response;

use serde_json::{Map, Value};

pub use parse::plan;
pub use references::{Unresolved, substitute};
pub use response::{Outcome, response};

use super::Error;
use super::schema::ResourceType;

/// A whole Bulk request, ready to be carried out.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Stop once so many operations have failed; never 0.
    pub fail_on_errors: Option<usize>,
    /// As they came; a step names its operation by its place here.
    pub operations: Vec<Operation>,
    /// Every operation is run once, after all those it depends on.
    pub steps: Vec<Step>,
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanError {
    /// More than `BULK_OPERATIONS_MAX`: 413 (RFC 7644 §3.7.4).
    TooManyOperations {
        count: usize,
    },
    Invalid(Error),
}

impl From<Error> for PlanError {
    fn from(error: Error) -> Self {
        Self::Invalid(error)
    }
}

/// One operation of the request.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// As it is repeated in the answer, in upper case.
    pub method: String,
    pub bulk_id: Option<String>,
    /// What is to be done, or why it can't be.
    pub request: Result<Request, Refusal>,
    /// The operations, by index, that create what this one refers to: when one of them has failed,
    /// this one fails too. Without those that a [`Step::Complete`] waits for.
    pub depends_on: Vec<usize>,
}

/// Why one operation can't be done; the others are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    Invalid(Error),
    /// The path leads to no User or Group: 404.
    NotFound {
        path: String,
    },
}

/// One operation as it would be sent by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    pub method: Method,
    pub resource_type: ResourceType,
    /// `None` for POST alone.
    pub target: Option<Target>,
    /// `None` for DELETE alone. May hold `bulkId:` references: see [`substitute`].
    pub body: Option<Map<String, Value>>,
    /// The entity tag that must match, as in If-Match.
    pub version: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Post,
    Put,
    Patch,
    Delete,
}

/// The resource that an operation is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    Id(String),
    /// The one that another operation creates.
    BulkId(String),
}

/// What to do next.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    Run { operation: usize },
    Complete(Completion),
}

/// What had to be left out of a POST because what it refers to didn't exist yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Completion {
    /// The operation that created the resource to be completed.
    pub operation: usize,
    /// The operations whose ids it needs.
    pub depends_on: Vec<usize>,
    /// The body of the PATCH that adds it, with `bulkId:` references.
    pub patch: Map<String, Value>,
}

#[cfg(test)]
mod tests;
