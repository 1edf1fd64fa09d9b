//! Alarms, across directories.

use rusqlite::{OptionalExtension, Row, params};

use crate::base::id::{AlarmId, DirectoryId};
use crate::model::alarm::{Alarm, AlarmKind};
use crate::model::page::{Page, PageRequest};

use super::super::rows::{id_at, optional_time_at, time_at, word_at};
use super::select::Select;
use super::{AppTransaction, AppView};

/// Which alarms are listed.
#[derive(Debug, Clone, Default)]
pub struct AlarmFilter {
    pub directory: Option<DirectoryId>,
    /// Only those that are open, or that are not; all when None.
    pub is_open: Option<bool>,
}

const COLUMNS: &str =
    "id, directory_id, kind, raised_at, updated_at, cleared_at, detail, acknowledged_at, acknowledged_by";

fn alarm(row: &Row<'_>) -> Result<Alarm, rusqlite::Error> {
    Ok(Alarm {
        id: id_at(row, 0)?,
        directory_id: id_at(row, 1)?,
        kind: word_at(row, 2, AlarmKind::from_name)?,
        raised_at: time_at(row, 3)?,
        updated_at: time_at(row, 4)?,
        cleared_at: optional_time_at(row, 5)?,
        detail: word_at(row, 6, |text| serde_json::from_str(text).ok())?,
        acknowledged_at: optional_time_at(row, 7)?,
        acknowledged_by: row.get(8)?,
    })
}

impl AppView<'_> {
    pub fn alarm(&self, id: AlarmId) -> Result<Option<Alarm>, rusqlite::Error> {
        self.prepare(&format!("SELECT {COLUMNS} FROM alarms WHERE id = ?1"))?
            .query_row([id.ulid_text()], alarm)
            .optional()
    }

    pub fn alarms(&self, filter: &AlarmFilter, page: &PageRequest) -> Result<Page<Alarm>, rusqlite::Error> {
        let mut select = Select::new(&format!("SELECT {COLUMNS} FROM alarms"))
            .and_if("directory_id = ?", filter.directory.map(DirectoryId::ulid_text));
        select = match filter.is_open {
            Some(true) => select.and("cleared_at IS NULL", []),
            Some(false) => select.and("cleared_at IS NOT NULL", []),
            None => select,
        };
        select.page(self.connection, "id", page, alarm)
    }

    /// How many alarms of each kind are open.
    pub fn count_open_alarms(&self) -> Result<Vec<(AlarmKind, u64)>, rusqlite::Error> {
        self.prepare("SELECT kind, count(*) FROM alarms WHERE cleared_at IS NULL GROUP BY kind")?
            .query_map([], |row| {
                Ok((word_at(row, 0, AlarmKind::from_name)?, row.get::<_, i64>(1)?.unsigned_abs()))
            })?
            .collect()
    }
}

impl AppTransaction<'_, '_> {
    /// Notes who has seen an alarm; the first one stays.
    pub fn acknowledge_alarm(&mut self, id: AlarmId, by: &str) -> Result<(), rusqlite::Error> {
        self.prepare(
            "UPDATE alarms SET acknowledged_at = ?2, acknowledged_by = ?3 WHERE id = ?1 AND acknowledged_at IS NULL",
        )?
        .execute(params![id.ulid_text(), self.now().millis(), by])
        .map(|_| ())
    }
}
