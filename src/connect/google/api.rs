//! Asks the Directory API: token, quotas, pages, and what its errors mean.

use std::collections::HashSet;

use http::{StatusCode, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use crate::base::{json, limits};
use crate::connect::report::check_values;
use crate::connect::source::Tools;
use crate::connect::trouble::{Trouble, TroubleKind};
use crate::connect::upstream::{bearer, is_busy};
use crate::web::client::{Answer, Ask};

use super::GoogleSource;
use super::key::ServiceAccount;
use super::token::TokenCell;

/// One run's or check's use of the API.
pub struct Api<'t> {
    pub source: &'t GoogleSource,
    pub account: &'t ServiceAccount,
    pub tools: &'t Tools<'t>,
    token: TokenCell,
}

/// One list, page after page.
pub struct Pages {
    pub items: Vec<Map<String, Value>>,
    /// Why there may be more items than these.
    pub gap: Option<Trouble>,
}

/// Reasons of a 403 that ask for patience.
const BUSY: &[&str] = &["rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded"];

impl<'t> Api<'t> {
    pub fn new(source: &'t GoogleSource, account: &'t ServiceAccount, tools: &'t Tools<'t>) -> Self {
        Self { source, account, tools, token: TokenCell::default() }
    }

    /// # Errors
    ///
    /// What the API has against the request.
    pub async fn get(&self, path: &str, parameters: &[(&str, &str)]) -> Result<Value, Trouble> {
        match self.find(path, parameters).await? {
            Some(value) => Ok(value),
            None => Err(Trouble::new(
                TroubleKind::Settings,
                "customer",
                "Google knows no such customer, domain, group or unit",
                "check customer, domain, groups and org_units",
            )),
        }
    }

    /// As [`Api::get`], and nothing where there is nothing.
    ///
    /// # Errors
    ///
    /// What the API has against the request.
    pub async fn find(&self, path: &str, parameters: &[(&str, &str)]) -> Result<Option<Value>, Trouble> {
        let mut url = format!("{}{path}", self.source.api_url);
        for (at, (name, value)) in parameters.iter().enumerate() {
            let separator = if at == 0 { '?' } else { '&' };
            url.push_str(&format!("{separator}{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)));
        }
        let mut refused = None;
        loop {
            let token = self.token.token(self, refused.as_ref()).await?;
            let authorization = bearer(&token).ok_or_else(|| {
                Trouble::new(TroubleKind::Upstream, "service_account", "the token can't be sent", "try again")
            })?;
            let ask = Ask::get(&url).with_header(header::AUTHORIZATION, authorization);
            let answer = self.tools.upstream.ask("api_url", &ask, asks_for_patience).await?;
            return match answer.status {
                // It may have ended earlier than it said; a second refusal is meant.
                StatusCode::UNAUTHORIZED if refused.is_none() => {
                    refused = Some(token);
                    continue;
                }
                StatusCode::NOT_FOUND => Ok(None),
                status if status.is_success() => {
                    check_values(&answer.body)?;
                    json::parse(&answer.body, limits::JSON_DEPTH_MAX).map(Some).map_err(|error| {
                        Trouble::content(
                            format!("Google's answer: {error}"),
                            "it is tried again at the next run",
                        )
                    })
                }
                _ => Err(meaning(&answer)),
            };
        }
    }

    /// All pages of a list, whose items are under `key`.
    ///
    /// # Errors
    ///
    /// As [`Api::get`], on the first page; an error of a later page leaves a gap.
    pub async fn pages(&self, path: &str, parameters: &[(&str, &str)], key: &str) -> Result<Pages, Trouble> {
        let mut pages = Pages { items: Vec::new(), gap: None };
        let mut tokens = HashSet::new();
        let mut token: Option<String> = None;
        for number in 1_usize.. {
            let mut asked: Vec<(&str, &str)> = parameters.to_vec();
            if let Some(token) = &token {
                asked.push(("pageToken", token));
            }
            let mut page = match self.get(path, &asked).await {
                Ok(page) => page,
                Err(trouble) if number == 1 => return Err(trouble),
                Err(trouble) => {
                    pages.gap = Some(trouble);
                    break;
                }
            };
            let items = page.get_mut(key).map(Value::take);
            let count = add(&mut pages, items);
            token = page
                .get("nextPageToken")
                .and_then(Value::as_str)
                .filter(|next| !next.is_empty())
                .map(str::to_owned);
            pages.gap = match &token {
                _ if count == 0 && 1 < number => Some(unsound("a page after the first is empty")),
                None => break,
                Some(next) if !tokens.insert(next.clone()) => Some(unsound("a page was announced twice")),
                Some(_) if limits::CONNECTOR_PAGES_MAX <= number => Some(unsound("the list has no end")),
                Some(_) => pages.gap,
            };
            if pages.gap.is_some() {
                break;
            }
        }
        Ok(pages)
    }
}

/// Takes a page's items; how many there were.
fn add(pages: &mut Pages, items: Option<Value>) -> usize {
    let Some(Value::Array(items)) = items else { return 0 };
    let count = items.len();
    for item in items {
        match item {
            Value::Object(object) => pages.items.push(object),
            _ => pages.gap = Some(unsound("a page holds what is no object")),
        }
    }
    count
}

fn unsound(what: &str) -> Trouble {
    Trouble::content(format!("Google's list is not sound: {what}"), "it is tried again at the next run")
}

fn reason(answer: &Answer) -> (String, String) {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let reason = text("/error/errors/0/reason");
    (if reason.is_empty() { text("/error/status") } else { reason }, text("/error/message"))
}

/// Whether Google asks to come again later.
pub fn asks_for_patience(answer: &Answer) -> bool {
    is_busy(answer) || is_quota(answer)
}

/// A quota is no refusal of the credentials, though its status is the same.
pub fn is_quota(answer: &Answer) -> bool {
    answer.status == StatusCode::FORBIDDEN && BUSY.contains(&reason(answer).0.as_str())
}

/// What an error of the API means for whoever set the connector up.
fn meaning(answer: &Answer) -> Trouble {
    let (reason, message) = reason(answer);
    let said = |what: &str| format!("{what} (Google says: {} {reason} {message})", answer.status.as_u16());
    match answer.status {
        StatusCode::UNAUTHORIZED => Trouble::new(
            TroubleKind::Credentials,
            "service_account",
            said("the token is refused"),
            "make a new key of the service account",
        ),
        StatusCode::FORBIDDEN if BUSY.contains(&reason.as_str()) => Trouble::new(
            TroubleKind::Upstream,
            "",
            said("the quota is used up"),
            "it is tried again at the next run; run less often, or ask Google for more",
        ),
        StatusCode::FORBIDDEN if reason == "accessNotConfigured" || reason == "SERVICE_DISABLED" => {
            Trouble::new(
                TroubleKind::Credentials,
                "service_account",
                said("the Admin SDK API is switched off in the service account's project"),
                "enable the Admin SDK API in the Google Cloud console",
            )
        }
        StatusCode::FORBIDDEN => Trouble::new(
            TroubleKind::Credentials,
            "admin_email",
            said("the administrator may not read users and groups"),
            "give that administrator a role that reads users, groups and organizational units, and the service account the scopes",
        ),
        StatusCode::BAD_REQUEST => Trouble::settings(
            "customer",
            said("the request is refused"),
            "check customer, domain, groups and org_units",
        ),
        _ => Trouble::new(
            TroubleKind::Upstream,
            "",
            said("Google answers with an error"),
            "it is tried again at the next run",
        ),
    }
}

/// A part of a path, encoded.
pub fn segment(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
