//! Routes of the keys of the app's API.

use http::StatusCode;

use crate::service::app::keys;
use crate::web::{Response, empty};

use super::answer::{Refused, json, whole};
use super::fields::Fields;
use super::wire::credential::AppKey;
use super::{AppApi, Call};

impl AppApi {
    pub(super) fn list_keys(&self, call: &Call) -> Result<Response, Refused> {
        let found = keys::list_keys(&self.context, &call.caller)?;
        Ok(whole(found.iter().map(AppKey::from).collect()))
    }

    pub(super) async fn create_key(&self, call: &mut Call) -> Result<Response, Refused> {
        let mut fields = Fields::read(&mut call.request).await?;
        let name = fields.required_name("name");
        let expires_at = fields.moment("expires_at");
        fields.finish_strictly()?;
        let (key, secret) = keys::create_key(&self.context, &call.caller, name, expires_at).await?;
        Ok(json(StatusCode::CREATED, &AppKey::from(&key).with_secret(&secret)))
    }

    pub(super) async fn revoke_key(&self, call: &Call) -> Result<Response, Refused> {
        let key = call.id("id", "key")?;
        keys::revoke_key(&self.context, &call.caller, key).await?;
        Ok(empty(StatusCode::NO_CONTENT))
    }
}
