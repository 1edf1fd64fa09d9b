//! Routes of a directory's bearer tokens.

use http::StatusCode;

use crate::service::app::tokens;
use crate::web::{Response, empty};

use super::answer::{Refused, json, whole};
use super::directories::WHAT;
use super::fields::Fields;
use super::wire::credential::DirectoryToken;
use super::{AppApi, Call};

impl AppApi {
    pub(super) fn list_tokens(&self, call: &Call) -> Result<Response, Refused> {
        let directory = call.id("id", WHAT)?;
        let found = tokens::list_tokens(&self.context, &call.caller, directory)?;
        Ok(whole(found.iter().map(DirectoryToken::from).collect()))
    }

    pub(super) async fn create_token(&self, call: &mut Call) -> Result<Response, Refused> {
        let directory = call.id("id", WHAT)?;
        let mut fields = Fields::read(&mut call.request).await?;
        let expires_at = fields.moment("expires_at");
        fields.finish_strictly()?;
        let (token, secret) =
            tokens::create_token(&self.context, &call.caller, directory, expires_at).await?;
        Ok(json(StatusCode::CREATED, &DirectoryToken::from(&token).with_secret(&secret)))
    }

    pub(super) async fn revoke_token(&self, call: &Call) -> Result<Response, Refused> {
        let directory = call.id("id", WHAT)?;
        let token = call.id("token_id", "token")?;
        tokens::revoke_token(&self.context, &call.caller, directory, token).await?;
        Ok(empty(StatusCode::NO_CONTENT))
    }
}
