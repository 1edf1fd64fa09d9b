//! Alarms of one directory: raised once, updated while they last, cleared.

use rusqlite::{OptionalExtension, params};
use serde_json::{Map, Value};

use crate::base::id::AlarmId;
use crate::base::limits;
use crate::model::alarm::AlarmKind;

use super::super::rows::word_at;
use super::users::to_i64;
use super::{DirectoryTransaction, DirectoryView};

/// What raising an alarm did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Raised {
    New(AlarmId),
    /// It was open, and says something else now.
    Changed,
    Unchanged,
}

impl DirectoryView<'_> {
    /// The kinds of alarms that are open, in the order in which they were raised.
    pub fn open_alarms(&self) -> Result<Vec<AlarmKind>, rusqlite::Error> {
        self.prepare("SELECT kind FROM alarms WHERE directory_id = ?1 AND cleared_at IS NULL ORDER BY id")?
            .query_map([&self.key], |row| word_at(row, 0, AlarmKind::from_name))?
            .collect()
    }

    /// What an open alarm says.
    pub fn open_alarm(&self, kind: AlarmKind) -> Result<Option<Map<String, Value>>, rusqlite::Error> {
        self.prepare(
            "SELECT detail FROM alarms WHERE directory_id = ?1 AND kind = ?2 AND cleared_at IS NULL",
        )?
        .query_row(params![self.key, kind.name()], |row| {
            word_at(row, 0, |text| serde_json::from_str(text).ok())
        })
        .optional()
    }
}

impl DirectoryTransaction<'_, '_> {
    /// Opens an alarm, or gives the open one of its kind a new detail.
    pub fn raise_alarm(
        &mut self,
        kind: AlarmKind,
        detail: &Map<String, Value>,
    ) -> Result<Raised, rusqlite::Error> {
        let now = self.now().millis();
        let text = Value::Object(detail.clone()).to_string();
        match self.view.open_alarm(kind)? {
            Some(known) if known == *detail => Ok(Raised::Unchanged),
            Some(_) => {
                self.prepare(
                    "UPDATE alarms SET detail = ?3, updated_at = ?4
                     WHERE directory_id = ?1 AND kind = ?2 AND cleared_at IS NULL",
                )?
                .execute(params![self.view.key, kind.name(), text, now])?;
                Ok(Raised::Changed)
            }
            None => {
                let id: AlarmId = self.new_id();
                self.prepare(
                    "INSERT INTO alarms (id, directory_id, kind, raised_at, updated_at, detail)
                     VALUES (?1, ?2, ?3, ?4, ?4, ?5)",
                )?
                .execute(params![id.ulid_text(), self.view.key, kind.name(), now, text])?;
                Ok(Raised::New(id))
            }
        }
    }

    /// Closes an alarm, and forgets those that were closed long ago; false when none of its kind was open.
    pub fn clear_alarm(&mut self, kind: AlarmKind) -> Result<bool, rusqlite::Error> {
        let cleared = self
            .prepare("UPDATE alarms SET cleared_at = ?3 WHERE directory_id = ?1 AND kind = ?2 AND cleared_at IS NULL")?
            .execute(params![self.view.key, kind.name(), self.now().millis()])?;
        if 0 < cleared {
            self.prepare(
                "DELETE FROM alarms WHERE directory_id = ?1 AND cleared_at IS NOT NULL AND id <=
                     (SELECT id FROM alarms WHERE directory_id = ?1 AND cleared_at IS NOT NULL
                      ORDER BY id DESC LIMIT 1 OFFSET ?2)",
            )?
            .execute(params![self.view.key, to_i64(limits::ALARMS_KEPT_MAX)])?;
        }
        Ok(0 < cleared)
    }
}
