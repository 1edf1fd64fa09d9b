//! Routes of what has been seen in a directory's traffic.

use http::StatusCode;

use crate::service::app::catalogue;
use crate::web::Response;

use super::answer::{Refused, json, ok};
use super::directories::WHAT;
use super::fields::Fields;
use super::wire::catalogue::SeenAttributes;
use super::wire::schema::ExtensionSchema;
use super::{AppApi, Call};

/// A longer text is no URN of a schema.
const URN_BYTES_MAX: usize = 1_024;

impl AppApi {
    pub(super) async fn read_attributes(&self, call: &Call) -> Result<Response, Refused> {
        let seen = catalogue::read_catalogue(&self.context, &call.caller, call.id("id", WHAT)?).await?;
        Ok(ok(&SeenAttributes::new(&seen)))
    }

    pub(super) async fn register_schema(&self, call: &mut Call) -> Result<Response, Refused> {
        let id = call.id("id", WHAT)?;
        let mut fields = Fields::read(&mut call.request).await?;
        let urn = fields.text("urn", URN_BYTES_MAX);
        if urn.is_none() {
            fields.fault("urn", "required", "name the extension by its URN, as GET …/attributes shows it");
        }
        fields.finish_strictly()?;
        let urn = urn.unwrap_or_default();
        let made = catalogue::register_schema(&self.context, &call.caller, id, &urn).await?;
        Ok(json(StatusCode::CREATED, &ExtensionSchema::from(&made)))
    }
}
