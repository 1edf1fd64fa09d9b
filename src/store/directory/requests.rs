//! Keeps request records of one directory.

use rusqlite::params;
use ulid::Ulid;

use crate::base::time::Timestamp;
use crate::model::request_record::RequestRecord;

use super::super::writer::WriteTransaction;
use super::DirectoryTransaction;
use super::users::{to_i64, to_version};

impl DirectoryTransaction<'_, '_> {
    /// Writes a record; a second one of the same request replaces the first.
    pub fn record_request(&mut self, record: &RequestRecord) -> Result<(), rusqlite::Error> {
        let rules = serde_json::to_string(&record.rules).unwrap_or_else(|_| "[]".into());
        self.prepare(
            "INSERT OR REPLACE INTO requests
                 (directory_id, id, token_id, received_at, duration_micros, method, path, query, status, scim_type,
                  detail, rules, resource_id, client_address, user_agent, body, body_bytes, body_cut, response,
                  response_bytes)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)",
        )?
        .execute(params![
            self.view.key,
            record.id.ulid_text(),
            record.token_id.map(|id| id.ulid_text()),
            record.received_at.millis(),
            to_version(record.duration_micros),
            record.method,
            record.path,
            record.query,
            record.status,
            record.scim_type,
            record.detail,
            rules,
            record.resource_id,
            record.client_address,
            record.user_agent,
            record.request_body.as_ref().map(|body| &body.text),
            to_version(record.request_body.as_ref().map_or(0, |body| body.bytes)),
            record.request_body.as_ref().is_some_and(|body| body.is_truncated),
            record.response_body.as_ref().map(|body| &body.text),
            to_version(record.response_body.as_ref().map_or(0, |body| body.bytes)),
        ])
        .map(|_| ())
    }
}

impl WriteTransaction<'_> {
    /// Removes up to `count_max` records of requests before a moment, of all directories, and
    /// says how many there were.
    pub(crate) fn prune_requests(&mut self, before: Timestamp, count_max: usize) -> Result<usize, rusqlite::Error> {
        let before = Ulid::from_parts(before.millis().max(0).unsigned_abs(), 0).to_string();
        self.connection
            .prepare_cached("DELETE FROM requests WHERE rowid IN (SELECT rowid FROM requests WHERE id < ?1 LIMIT ?2)")?
            .execute(params![before, to_i64(count_max)])
    }
}
