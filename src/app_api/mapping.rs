//! Routes of a directory's mapping.

use serde_json::{Value, json};

use crate::base::id::{DirectoryId, UserId};
use crate::base::limits;
use crate::service::app::mapping::{self, PreviewPage};
use crate::web::Response;

use super::answer::{Refused, ok};
use super::directories::WHAT;
use super::fields::Fields;
use super::query::invalid;
use super::wire::mapping::{MappingObject, MappingPreview};
use super::{AppApi, Call};

impl AppApi {
    pub(super) fn read_mapping(&self, call: &Call) -> Result<Response, Refused> {
        let found = mapping::read_mapping(&self.context, &call.caller, call.id("id", WHAT)?)?;
        Ok(ok(&MappingObject::new(&found)))
    }

    /// The body is the document.
    pub(super) async fn put_mapping(&self, call: &mut Call) -> Result<Response, Refused> {
        let id = call.id("id", WHAT)?;
        let document = Value::Object(Fields::read(&mut call.request).await?.into_object());
        self.put_in_force(call, id, document).await
    }

    /// Back to the provider's defaults.
    pub(super) async fn delete_mapping(&self, call: &Call) -> Result<Response, Refused> {
        self.put_in_force(call, call.id("id", WHAT)?, json!({})).await
    }

    async fn put_in_force(&self, call: &Call, id: DirectoryId, document: Value) -> Result<Response, Refused> {
        let put = mapping::put_mapping(&self.context, &call.caller, id, document).await?;
        Ok(ok(&MappingObject::new(&put)))
    }

    pub(super) async fn preview_mapping(&self, call: &mut Call) -> Result<Response, Refused> {
        let id = call.id("id", WHAT)?;
        let query = call.query()?;
        let limit = query.parsed("limit", "write a number")?.unwrap_or(limits::APP_PAGE_DEFAULT);
        if limit == 0 || limits::APP_PAGE_MAX < limit {
            let message = format!("limit must be between 1 and {}", limits::APP_PAGE_MAX);
            return Err(invalid("limit", "out_of_range", message));
        }
        let after: Option<UserId> = query.parsed("after", "name a user by its id, directory_user_…")?;
        let document = Value::Object(Fields::read(&mut call.request).await?.into_object());
        let page = PreviewPage { after, limit };
        let preview = mapping::preview_mapping(&self.context, &call.caller, id, document, page).await?;
        Ok(ok(&MappingPreview::new(&preview)))
    }
}
