//! Routes of a directory's own extension schemas.

use http::StatusCode;
use serde_json::Value;

use crate::base::id::DirectoryId;
use crate::scim::schema::ResourceType;
use crate::service::app::schemas;
use crate::web::{Response, empty};

use super::answer::{Refused, ok, whole};
use super::directories::WHAT;
use super::fields::Fields;
use super::query::invalid;
use super::wire::schema::ExtensionSchema;
use super::{AppApi, Call};

impl AppApi {
    pub(super) fn list_schemas(&self, call: &Call) -> Result<Response, Refused> {
        let directory = call.id("id", WHAT)?;
        let found = schemas::list_schemas(&self.context, &call.caller, directory)?;
        Ok(whole(found.iter().map(ExtensionSchema::from).collect()))
    }

    pub(super) fn read_schema(&self, call: &Call) -> Result<Response, Refused> {
        let directory = call.id("id", WHAT)?;
        let urn = call.params.get("urn");
        let found = schemas::read_schema(&self.context, &call.caller, directory, urn)?;
        Ok(ok(&ExtensionSchema::from(&found)))
    }

    /// The body is the schema as RFC 7643 §7 writes it; `resourceType` besides says of what.
    pub(super) async fn put_schema(&self, call: &mut Call) -> Result<Response, Refused> {
        let directory: DirectoryId = call.id("id", WHAT)?;
        let mut body = Fields::read(&mut call.request).await?.into_object();
        let resource_type = match body.shift_remove("resourceType") {
            None => ResourceType::User,
            Some(Value::String(name)) if name == ResourceType::User.name() => ResourceType::User,
            Some(Value::String(name)) if name == ResourceType::Group.name() => ResourceType::Group,
            Some(_) => return Err(invalid("resourceType", "invalid", "write User or Group")),
        };
        let urn = call.params.get("urn");
        body.entry("id").or_insert_with(|| urn.into());
        let body = Value::Object(body);
        let put =
            schemas::put_schema(&self.context, &call.caller, directory, urn, resource_type, body).await?;
        Ok(ok(&ExtensionSchema::from(&put)))
    }

    pub(super) async fn delete_schema(&self, call: &Call) -> Result<Response, Refused> {
        let directory = call.id("id", WHAT)?;
        let urn = call.params.get("urn").to_owned();
        schemas::delete_schema(&self.context, &call.caller, directory, urn).await?;
        Ok(empty(StatusCode::NO_CONTENT))
    }
}
