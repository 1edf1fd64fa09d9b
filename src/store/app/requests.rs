//! Request records, across directories.

use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Row};

use crate::base::id::{DirectoryId, EventId, RequestId};
use crate::base::time::Timestamp;
use crate::model::page::{Page, PageRequest};
use crate::model::request_record::{RecordedBody, RequestRecord};

use super::super::rows::{id_at, optional_id_at, time_at, word_at};
use super::AppView;
use super::select::Select;

/// Which records are listed.
#[derive(Debug, Clone, Default)]
pub struct RequestFilter {
    pub directory: Option<DirectoryId>,
    pub method: Option<String>,
    /// From this status to that, both included.
    pub status: Option<(u16, u16)>,
    pub resource_id: Option<String>,
    pub range_start: Option<Timestamp>,
    pub range_end: Option<Timestamp>,
    /// The name of a rule that applied.
    pub rule: Option<String>,
}

const COLUMNS: &str = "id, directory_id, token_id, received_at, duration_micros, method, path, query, status, \
                       scim_type, detail, rules, resource_id, client_address, user_agent, body, body_bytes, \
                       body_cut, response, response_bytes";

fn record(row: &Row<'_>) -> Result<RequestRecord, rusqlite::Error> {
    Ok(RequestRecord {
        id: id_at(row, 0)?,
        directory_id: Some(id_at(row, 1)?),
        token_id: optional_id_at(row, 2)?,
        received_at: time_at(row, 3)?,
        duration_micros: row.get::<_, i64>(4)?.unsigned_abs(),
        method: row.get(5)?,
        path: row.get(6)?,
        query: row.get(7)?,
        status: row.get(8)?,
        scim_type: row.get(9)?,
        detail: row.get(10)?,
        rules: word_at(row, 11, |text| serde_json::from_str(text).ok())?,
        resource_id: row.get(12)?,
        client_address: row.get(13)?,
        user_agent: row.get(14)?,
        request_body: recorded_body(row, 15, row.get(17)?)?,
        // An error's body is short: it is kept whole.
        response_body: recorded_body(row, 18, false)?,
        events: Vec::new(),
    })
}

fn recorded_body(
    row: &Row<'_>,
    column: usize,
    is_truncated: bool,
) -> Result<Option<RecordedBody>, rusqlite::Error> {
    let Some(text) = row.get::<_, Option<String>>(column)? else { return Ok(None) };
    let bytes = row.get::<_, i64>(column + 1)?.unsigned_abs();
    Ok(Some(RecordedBody { text, bytes, is_truncated }))
}

impl AppView<'_> {
    pub fn request_record(&self, id: RequestId) -> Result<Option<RequestRecord>, rusqlite::Error> {
        let found = self
            .prepare(&format!("SELECT {COLUMNS} FROM requests WHERE id = ?1"))?
            .query_row([id.ulid_text()], record)
            .optional()?;
        found.map(|found| self.with_events(found)).transpose()
    }

    pub fn request_records(
        &self,
        filter: &RequestFilter,
        page: &PageRequest,
    ) -> Result<Page<RequestRecord>, rusqlite::Error> {
        let mut select = Select::new(&format!("SELECT {COLUMNS} FROM requests"))
            .and_if("directory_id = ?", filter.directory.map(DirectoryId::ulid_text))
            .and_if("method = ?", filter.method.clone())
            .and_if("resource_id = ?", filter.resource_id.clone())
            .and_if("received_at >= ?", filter.range_start.map(Timestamp::millis))
            .and_if("received_at <= ?", filter.range_end.map(Timestamp::millis))
            .and_if("EXISTS (SELECT 1 FROM json_each(rules) WHERE value = ?)", filter.rule.clone());
        if let Some((from, to)) = filter.status {
            let bounds = [Value::Integer(from.into()), Value::Integer(to.into())];
            select = select.and("status BETWEEN ? AND ?", bounds);
        }
        let found = select.page(self.connection, "id", page, record)?;
        found.try_map(|found| self.with_events(found))
    }

    fn with_events(&self, record: RequestRecord) -> Result<RequestRecord, rusqlite::Error> {
        let events = self
            .prepare("SELECT id FROM events WHERE request_id = ?1 ORDER BY position")?
            .query_map([record.id.ulid_text()], |row| id_at(row, 0))?
            .collect::<Result<Vec<EventId>, _>>()?;
        Ok(RequestRecord { events, ..record })
    }
}
