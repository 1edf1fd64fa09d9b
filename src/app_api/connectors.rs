//! Routes of a directory's connector.

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Map, Value};

use crate::base::id::DirectoryId;
use crate::connect::{Checked, Connectors};
use crate::service::app::connectors::{
    Verdict, decide_removals, list_runs, put_connector, read_connector, remove_connector,
};
use crate::web::{Response, empty};

use super::answer::{Refused, json, ok, whole};
use super::directories::WHAT;
use super::fields::Fields;
use super::wire::connector::{Connector, Run};
use super::{AppApi, Call};

impl AppApi {
    pub(super) fn connectors(&self) -> Result<&Arc<Connectors>, Refused> {
        self.connectors.as_ref().ok_or_else(|| Refused::unavailable("connectors don't run here"))
    }

    pub(super) fn read_connector(&self, call: &Call) -> Result<Response, Refused> {
        let directory = call.id("id", WHAT)?;
        Ok(ok(&Connector::from(&read_connector(&self.context, &call.caller, directory)?)))
    }

    /// The body is the connector's settings, and `check`: false where they shall not be tried.
    pub(super) async fn put_connector(&self, call: &mut Call) -> Result<Response, Refused> {
        let directory: DirectoryId = call.id("id", WHAT)?;
        let mut settings = Fields::read(&mut call.request).await?.into_object();
        let check = take_check(&mut settings)?;
        let connectors = self.connectors()?;
        // Nothing is asked of anybody for a directory that is not there.
        crate::service::app::directories::read_directory(&self.context, &call.caller, directory).await?;
        let checked = self.checked(settings, check).await?;
        let sealed = connectors.seal(directory, checked)?;
        let made = put_connector(&self.context, &call.caller, directory, sealed).await?;
        connectors.wake();
        Ok(ok(&Connector::from(&made)))
    }

    /// Settings that are understood and, unless `check` is false, were tried.
    pub(super) async fn checked(
        &self,
        settings: Map<String, Value>,
        check: bool,
    ) -> Result<Checked, Refused> {
        let connectors = self.connectors()?;
        let checked = connectors.read(settings)?;
        if check {
            connectors.check(&checked).await?;
        }
        Ok(checked)
    }

    pub(super) async fn delete_connector(&self, call: &Call) -> Result<Response, Refused> {
        let directory = call.id("id", WHAT)?;
        remove_connector(&self.context, &call.caller, directory).await?;
        Ok(empty(StatusCode::NO_CONTENT))
    }

    pub(super) async fn sync_connector(&self, call: &Call) -> Result<Response, Refused> {
        let directory = call.id("id", WHAT)?;
        read_connector(&self.context, &call.caller, directory)?;
        self.connectors()?.sync(directory).await?;
        let connector = read_connector(&self.context, &call.caller, directory)?;
        Ok(json(StatusCode::ACCEPTED, &Connector::from(&connector)))
    }

    pub(super) fn list_connector_runs(&self, call: &Call) -> Result<Response, Refused> {
        let directory = call.id("id", WHAT)?;
        let runs = list_runs(&self.context, &call.caller, directory)?;
        Ok(whole(runs.iter().map(Run::from).collect()))
    }

    pub(super) async fn decide_removals(&self, call: &Call, verdict: Verdict) -> Result<Response, Refused> {
        let directory = call.id("id", WHAT)?;
        let connector = decide_removals(&self.context, &call.caller, directory, verdict).await?;
        if verdict == Verdict::Approve {
            self.connectors()?.sync(directory).await?;
        }
        Ok(ok(&Connector::from(&connector)))
    }
}

fn take_check(settings: &mut Map<String, Value>) -> Result<bool, Refused> {
    match settings.shift_remove("check") {
        None | Some(Value::Bool(true)) => Ok(true),
        Some(Value::Bool(false)) => Ok(false),
        Some(_) => {
            let fault = crate::service::app::Fault::new("check", "invalid", "write true or false");
            Err(Refused::invalid(vec![fault]))
        }
    }
}
