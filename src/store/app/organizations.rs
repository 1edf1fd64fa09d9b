//! Organizations and their domains.

use rusqlite::{OptionalExtension, Row, params};
use serde_json::{Map, Value};

use crate::base::id::OrganizationId;
use crate::model::organization::{DomainState, Organization, OrganizationDomain};
use crate::model::page::{Page, PageRequest};

use super::super::rows::{id_at, time_at, word_at};
use super::select::Select;
use super::{AppTransaction, AppView};

/// Which organizations are listed.
#[derive(Debug, Clone, Default)]
pub struct OrganizationFilter {
    /// Part of the name, folded.
    pub search: Option<String>,
    /// One of these domains, folded; empty for all.
    pub domains: Vec<String>,
}

const COLUMNS: &str = "id, name, external_id, metadata, stripe_customer_id, \
                       allow_profiles_outside_organization, created_at, updated_at";

fn organization(row: &Row<'_>) -> Result<Organization, rusqlite::Error> {
    Ok(Organization {
        id: id_at(row, 0)?,
        name: row.get(1)?,
        external_id: row.get(2)?,
        metadata: word_at(row, 3, read_metadata)?,
        stripe_customer_id: row.get(4)?,
        allow_profiles_outside_organization: row.get(5)?,
        created_at: time_at(row, 6)?,
        updated_at: time_at(row, 7)?,
        domains: Vec::new(),
    })
}

fn read_metadata(text: &str) -> Option<Vec<(String, String)>> {
    let object: Map<String, Value> = serde_json::from_str(text).ok()?;
    object
        .into_iter()
        .map(|(key, value)| match value {
            Value::String(text) => Some((key, text)),
            _ => None,
        })
        .collect()
}

fn write_metadata(metadata: &[(String, String)]) -> String {
    let pairs = metadata.iter().map(|(key, value)| (key.clone(), Value::String(value.clone())));
    Value::Object(pairs.collect()).to_string()
}

impl AppView<'_> {
    pub fn organization(&self, id: OrganizationId) -> Result<Option<Organization>, rusqlite::Error> {
        let found = self
            .prepare(&format!("SELECT {COLUMNS} FROM organizations WHERE id = ?1"))?
            .query_row([id.ulid_text()], organization)
            .optional()?;
        found.map(|found| self.with_domains(found)).transpose()
    }

    pub fn organization_by_external_id(
        &self,
        external_id: &str,
    ) -> Result<Option<Organization>, rusqlite::Error> {
        let found = self
            .prepare(&format!("SELECT {COLUMNS} FROM organizations WHERE external_id = ?1"))?
            .query_row([external_id], organization)
            .optional()?;
        found.map(|found| self.with_domains(found)).transpose()
    }

    pub fn organizations(
        &self,
        filter: &OrganizationFilter,
        page: &PageRequest,
    ) -> Result<Page<Organization>, rusqlite::Error> {
        let mut select = Select::new(&format!("SELECT {COLUMNS} FROM organizations"));
        if !filter.domains.is_empty() {
            let domains = Value::from(filter.domains.clone()).to_string();
            select = select.and(
                "id IN (SELECT organization_id FROM organization_domains
                        WHERE domain IN (SELECT value FROM json_each(?)))",
                [domains.into()],
            );
        }
        let matches = |found: &Organization| super::contains(&found.name, filter.search.as_deref());
        let found = select.page_where(self.connection, "id", page, organization, matches)?;
        found.try_map(|found| self.with_domains(found))
    }

    /// The domains of an organization, in the order in which they were given.
    pub fn organization_domains(
        &self,
        id: OrganizationId,
    ) -> Result<Vec<OrganizationDomain>, rusqlite::Error> {
        self.prepare(
            "SELECT organization_id, id, domain, state, created_at, updated_at
             FROM organization_domains WHERE organization_id = ?1 ORDER BY rowid",
        )?
        .query_map([id.ulid_text()], |row| {
            Ok(OrganizationDomain {
                organization_id: id_at(row, 0)?,
                id: id_at(row, 1)?,
                domain: row.get(2)?,
                state: word_at(row, 3, DomainState::from_name)?,
                created_at: time_at(row, 4)?,
                updated_at: time_at(row, 5)?,
            })
        })?
        .collect()
    }

    fn with_domains(&self, organization: Organization) -> Result<Organization, rusqlite::Error> {
        let domains = self.organization_domains(organization.id)?;
        Ok(Organization { domains, ..organization })
    }
}

impl AppTransaction<'_, '_> {
    pub fn insert_organization(&mut self, organization: &Organization) -> Result<(), rusqlite::Error> {
        self.prepare(
            "INSERT INTO organizations (id, name, external_id, metadata, stripe_customer_id,
                                        allow_profiles_outside_organization, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            organization.id.ulid_text(),
            organization.name,
            organization.external_id,
            write_metadata(&organization.metadata),
            organization.stripe_customer_id,
            organization.allow_profiles_outside_organization,
            organization.created_at.millis(),
            organization.updated_at.millis(),
        ])?;
        self.replace_domains(organization)
    }

    pub fn update_organization(&mut self, organization: &Organization) -> Result<(), rusqlite::Error> {
        self.prepare(
            "UPDATE organizations SET name = ?2, external_id = ?3, metadata = ?4, stripe_customer_id = ?5,
                                      allow_profiles_outside_organization = ?6, updated_at = ?7
             WHERE id = ?1",
        )?
        .execute(params![
            organization.id.ulid_text(),
            organization.name,
            organization.external_id,
            write_metadata(&organization.metadata),
            organization.stripe_customer_id,
            organization.allow_profiles_outside_organization,
            organization.updated_at.millis(),
        ])?;
        self.replace_domains(organization)
    }

    /// Removes an organization; its directories must be gone.
    pub fn delete_organization(&mut self, id: OrganizationId) -> Result<(), rusqlite::Error> {
        self.prepare("DELETE FROM organization_domains WHERE organization_id = ?1")?
            .execute([id.ulid_text()])?;
        self.prepare("DELETE FROM organizations WHERE id = ?1")?.execute([id.ulid_text()]).map(|_| ())
    }

    fn replace_domains(&mut self, organization: &Organization) -> Result<(), rusqlite::Error> {
        self.prepare("DELETE FROM organization_domains WHERE organization_id = ?1")?
            .execute([organization.id.ulid_text()])?;
        for domain in &organization.domains {
            self.prepare(
                "INSERT INTO organization_domains (organization_id, id, domain, state, created_at, updated_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                organization.id.ulid_text(),
                domain.id.ulid_text(),
                domain.domain,
                domain.state.name(),
                domain.created_at.millis(),
                domain.updated_at.millis(),
            ])?;
        }
        Ok(())
    }
}
