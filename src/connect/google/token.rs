//! Access tokens: asked for with a signed assertion, kept until they end.

use http::StatusCode;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use tokio::sync::Mutex;

use crate::base::secret::Secret;
use crate::base::time::Timestamp;
use crate::connect::trouble::{Trouble, TroubleKind};
use crate::connect::upstream::check_status;
use crate::web::client::Ask;

use super::api::{Api, asks_for_patience, is_quota};

/// What is asked for: reading, nothing else.
const SCOPES: &[&str] = &[
    "https://www.googleapis.com/auth/admin.directory.user.readonly",
    "https://www.googleapis.com/auth/admin.directory.group.readonly",
    "https://www.googleapis.com/auth/admin.directory.group.member.readonly",
];
const ORG_UNIT_SCOPE: &str = "https://www.googleapis.com/auth/admin.directory.orgunit.readonly";
/// A token is not used in its last minute: a request takes time.
const MARGIN_MILLIS: i64 = 60_000;

/// The token in use and when it ends.
#[derive(Default)]
pub struct TokenCell(Mutex<Option<(Secret, Timestamp)>>);

impl TokenCell {
    /// The token, or a new one. `refused` is one that the API did not take.
    ///
    /// # Errors
    ///
    /// What Google has against the credentials.
    pub async fn token(&self, api: &Api<'_>, refused: Option<&Secret>) -> Result<Secret, Trouble> {
        let mut cell = self.0.lock().await;
        let now = api.tools.clock.now();
        if let Some((token, ends)) = cell.as_ref()
            && now < *ends
            && refused != Some(token)
        {
            return Ok(token.clone());
        }
        let (token, secs) = ask(api, now).await?;
        *cell = Some((token.clone(), now.plus_millis(secs.saturating_mul(1_000) - MARGIN_MILLIS)));
        Ok(token)
    }
}

async fn ask(api: &Api<'_>, now: Timestamp) -> Result<(Secret, i64), Trouble> {
    let mut scopes = SCOPES.join(" ");
    if !api.source.org_units.is_empty() {
        scopes = format!("{scopes} {ORG_UNIT_SCOPE}");
    }
    let assertion = api.account.assertion(&api.source.admin_email, &scopes, now).map_err(|message| {
        Trouble::settings("service_account", message, "make a new key in Google's console")
    })?;
    let form = format!(
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion={}",
        utf8_percent_encode(assertion.reveal(), NON_ALPHANUMERIC)
    );
    let url = &api.account.token_url;
    let answer =
        api.tools.upstream.ask("service_account", &Ask::post_form(url, form), asks_for_patience).await?;
    if is_quota(&answer) {
        return Err(Trouble::new(
            TroubleKind::Upstream,
            "",
            "Google gives no token: the quota is used up",
            "it is tried again at the next run",
        ));
    }
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if matches!(answer.status, StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
        return Err(refused(api, &body, &scopes));
    }
    check_status("service_account", url, &answer)?;
    let token = body.get("access_token").and_then(Value::as_str).map(Secret::new);
    let secs = body.get("expires_in").and_then(Value::as_i64).unwrap_or(3_600);
    token.map(|token| (token, secs)).ok_or_else(|| {
        Trouble::new(
            TroubleKind::Upstream,
            "service_account",
            "Google did not answer with a token",
            "try again",
        )
    })
}

fn refused(api: &Api<'_>, body: &Value, scopes: &str) -> Trouble {
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let (error, description) = (text("error"), text("error_description"));
    let (field, message, hint) = match error {
        "unauthorized_client" | "access_denied" | "invalid_scope" | "admin_policy_enforced" => (
            "service_account",
            format!(
                "the service account may not act for others: client id {}, scopes {}",
                api.account.client_id,
                scopes.replace(' ', ",")
            ),
            "in the Admin console under Security, API controls, Domain-wide delegation, add this client id with exactly these scopes",
        ),
        "invalid_grant" if description.contains("email") || description.contains("User ID") => (
            "admin_email",
            "there is no administrator of that address".to_owned(),
            "write the address of an administrator of this Google Workspace",
        ),
        "invalid_grant" => (
            "service_account",
            format!("Google refuses the key ({description})"),
            "check that the key was not deleted, and that this machine's clock is right",
        ),
        _ => (
            "service_account",
            format!("Google refuses the key ({error})"),
            "make a new key of the service account",
        ),
    };
    Trouble::new(TroubleKind::Credentials, field, message, hint)
}
