//! Workday: a custom report as a service, in JSON or CSV, by Basic or OAuth.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::base::time::Timestamp;

use super::answer::Answer;
use super::faults::{Asked, FaultKind};
use super::people::People;
use super::random;
use super::request::Request;
use super::table::{self, Row};
use super::tokens::Tokens;

pub const TENANT: &str = "acme_fake";
pub const ISU: &str = "ISU_Roster";
const REPORT: &str = "Workers_for_Rosterd";

/// What the report's owner hands over.
#[derive(Debug, Clone)]
pub struct Credentials {
    pub password: String,
    pub client_id: String,
    pub client_secret: String,
    pub refresh_token: String,
}

impl Credentials {
    pub fn generate() -> Self {
        Self {
            password: random::hex(12),
            client_id: random::hex(12),
            client_secret: random::hex(20),
            refresh_token: random::hex(20),
        }
    }
}

pub fn report_path() -> String {
    format!("/ccx/service/customreport2/{TENANT}/{ISU}/{REPORT}")
}

pub fn token_path() -> String {
    format!("/ccx/oauth2/{TENANT}/token")
}

pub fn asked(path: &str) -> Asked {
    match path {
        path if path == report_path() => Asked::Report,
        path if path == token_path() => Asked::Token,
        _ => Asked::Nothing,
    }
}

/// The name and password of a Basic header.
pub fn basic(request: &Request) -> Option<(String, String)> {
    let encoded = request.header("authorization")?.strip_prefix("Basic ")?;
    let text = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    text.split_once(':').map(|(name, password)| (name.to_owned(), password.to_owned()))
}

/// An access token for the refresh token, the client named in a Basic header or in the form.
pub fn give_token(
    credentials: &Credentials,
    request: &Request,
    now: Timestamp,
    tokens: &mut Tokens,
) -> Answer {
    let refuse = |status: u16, code: &str| Answer::json(status, &json!({ "error": code }));
    let client = basic(request)
        .or_else(|| Some((request.form_field("client_id")?, request.form_field("client_secret")?)));
    let wanted = (credentials.client_id.clone(), credentials.client_secret.clone());
    if request.method != "POST" || client != Some(wanted) {
        return refuse(401, "invalid_client");
    }
    let is_granted = match request.form_field("grant_type").as_deref() {
        Some("refresh_token") => {
            request.form_field("refresh_token").as_deref() == Some(&credentials.refresh_token)
        }
        Some("client_credentials") => true,
        _ => return refuse(400, "unsupported_grant_type"),
    };
    if !is_granted {
        return refuse(400, "invalid_grant");
    }
    let (token, life_secs) = tokens.give("", Vec::new(), now);
    Answer::json(
        200,
        &json!({
            "access_token": token,
            "refresh_token": credentials.refresh_token,
            "token_type": "Bearer",
            "expires_in": life_secs.to_string(),
        }),
    )
}

/// The report, or why not.
pub fn answer(
    credentials: &Credentials,
    request: &Request,
    people: &People,
    fault: Option<&FaultKind>,
    tokens: &Tokens,
    now: Timestamp,
) -> Answer {
    let names = [ISU.to_owned(), format!("{ISU}@{TENANT}")];
    let by_password = basic(request)
        .is_some_and(|(name, password)| names.contains(&name) && password == credentials.password);
    let by_token = request.bearer().is_some_and(|token| tokens.scopes(token, now).is_some());
    if !by_password && !by_token {
        return Answer::json(401, &json!({"error": "invalid username or password"}))
            .with("www-authenticate", "Basic realm=\"Workday\"");
    }
    if asked(&request.path) != Asked::Report {
        return Answer::json(404, &json!({"error": "The requested resource is not available."}));
    }
    // Workday keeps nobody back: those who left and those to come are rows like others.
    let mut rows: Vec<Row> = people.listed().map(|person| table::report_row(people, person)).collect();
    let mut header: Vec<Row> = rows.first().cloned().into_iter().collect();
    table::spoil(&mut rows, fault);
    if !matches!(fault, Some(FaultKind::EmptyListing)) {
        header = rows.first().cloned().into_iter().collect();
    }
    match request.parameter("format") {
        Some("json") => Answer::json(200, &json!({"Report_Entry": table::objects(&rows)})),
        Some("csv") => {
            let header: Vec<String> = header.iter().flatten().map(|(column, _)| column.clone()).collect();
            Answer::new(200, "text/csv;charset=UTF-8", table::csv(&header, &rows, ',').into_bytes())
        }
        _ => Answer::json(400, &json!({"error": "Ask for format=json or format=csv; this one has no other"})),
    }
}
