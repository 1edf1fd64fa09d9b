//! The client of the app's API that the commands use.

mod api_path;
mod error;
mod exchange;
mod target;
#[cfg(test)]
pub mod testing;
#[cfg(test)]
mod tests;

use std::time::Duration;

use http::Method;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

use crate::base::limits;

use super::error::CliError;
use exchange::{Ask, exchange};

pub use api_path::ApiPath;
pub use error::ClientError;
pub use target::{DEV_DATA, DaemonArgs, Target, config_file, data_folder, environment};

/// A connection's settings, and the runtime that waits for answers.
pub struct Client {
    target: Target,
    runtime: Runtime,
}

/// How much of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    AtMost(usize),
    All,
}

/// The objects of a list, page after page.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing {
    pub objects: Vec<Value>,
    /// The list goes on beyond what was wanted.
    pub has_more: bool,
}

impl Client {
    /// A client for the daemon that the arguments mean.
    ///
    /// # Errors
    ///
    /// As [`Target::find`].
    pub fn find(args: &DaemonArgs) -> Result<Self, CliError> {
        let folder = std::env::current_dir().unwrap_or_default();
        Ok(Self::new(Target::find(args, &environment(), &folder)?)?)
    }

    /// # Errors
    ///
    /// When the system has no room for a runtime.
    pub fn new(target: Target) -> Result<Self, ClientError> {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(ClientError::System)?;
        Ok(Self { target, runtime })
    }

    pub fn target(&self) -> &Target {
        &self.target
    }

    /// # Errors
    ///
    /// [`ClientError`], as for all requests.
    pub fn get(&self, path: &ApiPath) -> Result<Value, ClientError> {
        self.ask(Method::GET, path, None, Duration::from_secs(limits::CLI_ANSWER_SECS_MAX))
    }

    /// A GET that the daemon may hold back for so long.
    ///
    /// # Errors
    ///
    /// [`ClientError`], as for all requests.
    pub fn get_waiting(&self, path: &ApiPath, wait: Duration) -> Result<Value, ClientError> {
        self.ask(Method::GET, path, None, wait + Duration::from_secs(limits::CLI_ANSWER_SECS_MAX))
    }

    /// # Errors
    ///
    /// [`ClientError`], as for all requests.
    pub fn post(&self, path: &ApiPath, body: &Value) -> Result<Value, ClientError> {
        self.ask(Method::POST, path, Some(body), Duration::from_secs(limits::CLI_ANSWER_SECS_MAX))
    }

    /// # Errors
    ///
    /// [`ClientError`], as for all requests.
    pub fn put(&self, path: &ApiPath, body: &Value) -> Result<Value, ClientError> {
        self.ask(Method::PUT, path, Some(body), Duration::from_secs(limits::CLI_ANSWER_SECS_MAX))
    }

    /// # Errors
    ///
    /// [`ClientError`], as for all requests.
    pub fn patch(&self, path: &ApiPath, body: &Value) -> Result<Value, ClientError> {
        self.ask(Method::PATCH, path, Some(body), Duration::from_secs(limits::CLI_ANSWER_SECS_MAX))
    }

    /// # Errors
    ///
    /// [`ClientError`], as for all requests.
    pub fn delete(&self, path: &ApiPath) -> Result<Value, ClientError> {
        self.ask(Method::DELETE, path, None, Duration::from_secs(limits::CLI_ANSWER_SECS_MAX))
    }

    /// The objects of a list, following its cursors.
    ///
    /// # Errors
    ///
    /// [`ClientError`], as for all requests.
    pub fn list(&self, path: &ApiPath, wanted: Wanted) -> Result<Listing, ClientError> {
        self.list_after(path, None, wanted)
    }

    /// As [`Client::list`], from a cursor on.
    ///
    /// # Errors
    ///
    /// [`ClientError`], as for all requests.
    pub fn list_after(
        &self,
        path: &ApiPath,
        mut after: Option<String>,
        wanted: Wanted,
    ) -> Result<Listing, ClientError> {
        let mut objects: Vec<Value> = Vec::new();
        loop {
            let page_max = match wanted {
                Wanted::AtMost(count) => (count - objects.len()).min(limits::CLI_PAGE_MAX),
                Wanted::All => limits::CLI_PAGE_MAX,
            };
            let path = path.clone().with("limit", page_max).with_some("after", after.as_ref());
            let mut page = self.get(&path)?;
            if let Some(Value::Array(data)) = page.get_mut("data").map(Value::take) {
                objects.extend(data);
            }
            let next = page.pointer("/list_metadata/after").and_then(Value::as_str).map(str::to_owned);
            let has_enough = matches!(wanted, Wanted::AtMost(count) if objects.len() >= count);
            // A cursor that stands still would never end.
            if next.is_none() || next == after || has_enough {
                return Ok(Listing { objects, has_more: next.is_some() && has_enough });
            }
            after = next;
        }
    }

    fn ask(
        &self,
        method: Method,
        path: &ApiPath,
        body: Option<&Value>,
        answer_within: Duration,
    ) -> Result<Value, ClientError> {
        let path = path.to_string();
        self.runtime.block_on(exchange(&self.target, Ask { method, path: &path, body, answer_within }))
    }
}
