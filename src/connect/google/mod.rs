//! The connector for Google Workspace: the Directory API, read by a service account on behalf of an
//! administrator (domain-wide delegation).
//!
//! 2026-11: every run lists everything. The API has no changes since a moment, and the tags of its
//! lists change with last logins, so that a conditional request saves nothing but could hide a
//! change; what is saved is on our side: an unchanged run writes nothing.

mod api;
mod groups;
mod key;
mod token;
mod users;

use serde_json::Value;

use super::listing::Listing;
use super::settings::Reader;
use super::source::Tools;
use super::trouble::Trouble;
use api::Api;
use key::ServiceAccount;

/// Absent users who are asked for one by one.
const ASKED_MAX: usize = 500;
const API_URL: &str = "https://admin.googleapis.com";

#[derive(Debug, Clone)]
pub struct GoogleSource {
    admin_email: String,
    account: Option<ServiceAccount>,
    customer: String,
    domain: Option<String>,
    groups: Vec<String>,
    org_units: Vec<String>,
    api_url: String,
}

impl GoogleSource {
    pub fn read(reader: &mut Reader<'_>) -> Self {
        let admin_email = reader.required_text("admin_email", "the administrator on whose behalf is read");
        if !admin_email.is_empty() && !admin_email.contains('@') {
            reader.fault("admin_email", "invalid", "write the administrator's whole address");
        }
        let account = match reader.value("service_account") {
            None => {
                let message =
                    "service_account is required: the JSON key of the service account, as Google gives it";
                reader.fault("service_account", "required", message);
                None
            }
            Some(value) => match ServiceAccount::read(&value) {
                Ok(account) => Some(account),
                Err(message) => {
                    reader.fault("service_account", "invalid", message);
                    None
                }
            },
        };
        let org_units = reader.texts("org_units");
        if let Some(wrong) = org_units.iter().find(|path| !path.starts_with('/')) {
            reader.fault(
                "org_units",
                "invalid",
                format!("{wrong:?} is no path of an organizational unit, like /Sales"),
            );
        }
        let (domain, customer) = (reader.text("domain"), reader.text("customer"));
        if domain.is_some() && customer.is_some() {
            reader.fault("domain", "conflict", "customer and domain are both there: keep one of them");
        }
        let api_url = reader.url("api_url").unwrap_or_else(|| API_URL.to_owned());
        Self {
            admin_email,
            account,
            customer: customer.unwrap_or_else(|| "my_customer".to_owned()),
            domain,
            groups: reader.texts("groups"),
            org_units,
            api_url: api_url.trim_end_matches('/').to_owned(),
        }
    }

    fn api<'t>(&'t self, tools: &'t Tools<'t>) -> Result<Api<'t>, Trouble> {
        let account = self.account.as_ref().ok_or_else(|| {
            Trouble::settings("service_account", "there is no service account", "give the JSON key of one")
        })?;
        Ok(Api::new(self, account, tools))
    }

    /// The parameters that say whose directory it is.
    fn whose(&self) -> (&'static str, &str) {
        match &self.domain {
            Some(domain) => ("domain", domain),
            None => ("customer", &self.customer),
        }
    }

    /// # Errors
    ///
    /// When nothing can be listed.
    pub async fn list(&self, tools: &Tools<'_>) -> Result<Listing, Trouble> {
        let api = self.api(tools)?;
        let mut listing = Listing::default();
        listing.has_groups = true;
        let names = groups::list(&api, &mut listing).await?;
        let members = groups::members(&api, &names, &mut listing).await?;
        users::list(&api, &members, &mut listing).await?;
        groups::add(names, members, &mut listing)?;
        Ok(listing)
    }

    /// Tries the token and the first page of each list.
    ///
    /// # Errors
    ///
    /// What is wrong, with the setting at fault.
    pub async fn check(&self, tools: &Tools<'_>) -> Result<(), Trouble> {
        let api = self.api(tools)?;
        let (whose, name) = self.whose();
        api.get("/admin/directory/v1/users", &[(whose, name), ("maxResults", "1"), ("projection", "full")])
            .await?;
        let groups = api.get("/admin/directory/v1/groups", &[(whose, name), ("maxResults", "1")]).await?;
        if let Some(key) = groups.pointer("/groups/0/id").and_then(Value::as_str) {
            api.get(&groups::members_path(key), &[("maxResults", "1")]).await?;
        }
        for unit in &self.org_units {
            users::check_unit(&api, unit).await?;
        }
        for group in &self.groups {
            groups::check(&api, group).await?;
        }
        Ok(())
    }

    /// Whether somebody whom the list left out is there all the same. Who left the groups that are
    /// the scope is there, of course: then nothing is asked.
    pub async fn doubts(&self, tools: &Tools<'_>, absent: &[String]) -> Option<Trouble> {
        if !self.groups.is_empty() || absent.is_empty() {
            return None;
        }
        // Beyond this many the guard holds them back anyway.
        let asked = &absent[..absent.len().min(ASKED_MAX)];
        let api = match self.api(tools) {
            Ok(api) => api,
            Err(trouble) => return Some(trouble),
        };
        match users::still_there(&api, asked).await {
            Ok(there) => there.first().map(|id| {
                Trouble::content(
                    format!("the list left out {} who are there all the same, such as {id}", there.len()),
                    "it is tried again at the next run",
                )
            }),
            Err(trouble) => Some(trouble),
        }
    }
}
