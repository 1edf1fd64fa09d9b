//! Routes that show how a directory is doing, and what a dry run would come to.

use crate::service::app::{health, preview};
use crate::web::Response;

use super::answer::{Refused, ok};
use super::directories::WHAT;
use super::wire::health::DirectoryHealth;
use super::wire::preview::DirectoryPreview;
use super::{AppApi, Call};

impl AppApi {
    pub(super) async fn read_health(&self, call: &Call) -> Result<Response, Refused> {
        let id = call.id("id", WHAT)?;
        let (directory, counts, health) = health::read_health(&self.context, &call.caller, id).await?;
        Ok(ok(&DirectoryHealth::new(&directory, counts, &health)))
    }

    pub(super) async fn preview_directory(&self, call: &Call) -> Result<Response, Refused> {
        let id = call.id("id", WHAT)?;
        let (directory, preview) = preview::preview_directory(&self.context, &call.caller, id).await?;
        Ok(ok(&DirectoryPreview::new(&directory, &preview)))
    }
}
