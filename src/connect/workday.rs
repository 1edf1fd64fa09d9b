//! The connector for Workday: a custom report as a service (RaaS), JSON or CSV.

use http::{StatusCode, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::base::secret::Secret;
use crate::scim::schema::TypeSchema;
use crate::web::client::Ask;

use super::listing::Listing;
use super::report::{Report, ReportFormat};
use super::settings::Reader;
use super::trouble::{Trouble, TroubleKind};
use super::upstream::{Upstream, basic, bearer, check_status, is_busy};

#[derive(Debug, Clone)]
pub struct WorkdaySource {
    url: String,
    login: Login,
    report: Report,
}

#[derive(Debug, Clone)]
enum Login {
    Basic { username: String, password: Secret },
    OAuth(OAuth),
}

#[derive(Debug, Clone)]
struct OAuth {
    token_url: String,
    client_id: String,
    client_secret: Secret,
    /// With it Workday's refresh token grant, else client credentials.
    refresh_token: Option<Secret>,
}

impl WorkdaySource {
    pub fn read(reader: &mut Reader<'_>, schema: &TypeSchema) -> Self {
        if !reader.has("url") {
            let message = "write the report's web service address, https://HOST/ccx/service/customreport2/TENANT/ISU/REPORT";
            reader.fault("url", "required", message);
        }
        let url = reader.url("url").unwrap_or_default();
        let mut report = Report::read(reader, ReportFormat::Json, schema);
        if report.format == ReportFormat::NdJson {
            reader.fault("format", "invalid", "Workday sends json or csv");
        }
        if report.format == ReportFormat::Json && report.records.is_none() {
            report.records = Some("Report_Entry".to_owned());
        }
        let basic = reader.section("basic", |section| Login::Basic {
            username: section.required_text("username", "the integration system user"),
            password: section.required_secret("password"),
        });
        let oauth = reader.section("oauth", |section| {
            if !section.has("token_url") {
                section.fault("token_url", "required", "write the token endpoint of the API client");
            }
            Login::OAuth(OAuth {
                token_url: section.url("token_url").unwrap_or_default(),
                client_id: section.required_text("client_id", "the id of the API client"),
                client_secret: section.required_secret("client_secret"),
                refresh_token: section.secret("refresh_token"),
            })
        });
        if basic.is_some() == oauth.is_some() {
            reader.fault("basic", "required", "give one of basic and oauth to log in with");
        }
        let nobody = || Login::Basic { username: String::new(), password: Secret::new("") };
        Self { url: in_format(&url, report.format), login: basic.or(oauth).unwrap_or_else(nobody), report }
    }

    /// # Errors
    ///
    /// No report, or one of which nothing can be used.
    pub async fn list(&self, upstream: &Upstream, schema: &TypeSchema) -> Result<Listing, Trouble> {
        let mut renewed = false;
        loop {
            let authorization = match &self.login {
                Login::Basic { username, password } => basic(username, password),
                Login::OAuth(oauth) => bearer(&oauth.token(upstream).await?),
            };
            let authorization = authorization.ok_or_else(|| {
                Trouble::settings(
                    "basic",
                    "the credentials can't be sent",
                    "leave out line breaks and control characters",
                )
            })?;
            let ask = Ask::get(&self.url).with_header(header::AUTHORIZATION, authorization);
            let answer = upstream.ask("url", &ask, is_busy).await?;
            // A token may end between being given and being used.
            if answer.status == StatusCode::UNAUTHORIZED && matches!(self.login, Login::OAuth(_)) && !renewed
            {
                renewed = true;
                continue;
            }
            check_status("url", &self.url, &answer)?;
            return self.report.list(&answer.body, schema);
        }
    }
}

/// The address with the format that is read, unless it says one.
fn in_format(url: &str, format: ReportFormat) -> String {
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    if query.split('&').any(|pair| pair.starts_with("format=")) {
        return url.to_owned();
    }
    let separator = if query.is_empty() { "" } else { "&" };
    format!("{address}?{query}{separator}format={}", format.name())
}

impl OAuth {
    async fn token(&self, upstream: &Upstream) -> Result<Secret, Trouble> {
        let form = match &self.refresh_token {
            Some(token) => format!(
                "grant_type=refresh_token&refresh_token={}",
                utf8_percent_encode(token.reveal(), NON_ALPHANUMERIC)
            ),
            None => "grant_type=client_credentials".to_owned(),
        };
        let authorization = basic(&self.client_id, &self.client_secret).ok_or_else(refused)?;
        let ask = Ask::post_form(&self.token_url, form).with_header(header::AUTHORIZATION, authorization);
        let answer = upstream.ask("oauth.token_url", &ask, is_busy).await?;
        if matches!(answer.status, StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
        {
            return Err(refused());
        }
        check_status("oauth.token_url", &self.token_url, &answer)?;
        let token = serde_json::from_slice::<Value>(&answer.body).ok();
        let token = token.and_then(|body| Some(Secret::new(body.get("access_token")?.as_str()?)));
        token.ok_or_else(|| {
            Trouble::new(
                TroubleKind::Upstream,
                "oauth.token_url",
                "the token endpoint did not answer with an access_token",
                "check that oauth.token_url is the token endpoint",
            )
        })
    }
}

fn refused() -> Trouble {
    Trouble::new(
        TroubleKind::Credentials,
        "oauth",
        "the token endpoint refuses the credentials",
        "check client_id, client_secret and refresh_token: a refresh token ends when it is revoked",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_asked_for_unless_the_address_names_one() {
        assert_eq!(in_format("https://x/r", ReportFormat::Json), "https://x/r?format=json");
        assert_eq!(in_format("https://x/r?a=b", ReportFormat::Csv), "https://x/r?a=b&format=csv");
        assert_eq!(in_format("https://x/r?format=json", ReportFormat::Csv), "https://x/r?format=json");
    }
}
