//! Alarms as they are sent: with the words that people need.

use serde::Serialize;
use serde_json::{Map, Value};

use super::Shown;
use crate::base::id::{AlarmId, DirectoryId};
use crate::base::time::Timestamp;
use crate::model;

#[derive(Debug, Serialize)]
pub struct Alarm<'a> {
    object: &'static str,
    id: Shown<AlarmId>,
    directory_id: Shown<DirectoryId>,
    kind: &'static str,
    open: bool,
    message: &'static str,
    next_step: &'static str,
    detail: &'a Map<String, Value>,
    raised_at: Shown<Timestamp>,
    updated_at: Shown<Timestamp>,
    cleared_at: Option<Shown<Timestamp>>,
    acknowledged_at: Option<Shown<Timestamp>>,
    acknowledged_by: Option<&'a str>,
}

impl<'a> From<&'a model::alarm::Alarm> for Alarm<'a> {
    fn from(alarm: &'a model::alarm::Alarm) -> Self {
        Self {
            object: "alarm",
            id: Shown(alarm.id),
            directory_id: Shown(alarm.directory_id),
            kind: alarm.kind.name(),
            open: alarm.cleared_at.is_none(),
            message: alarm.kind.meaning(),
            next_step: alarm.kind.next_step(),
            detail: &alarm.detail,
            raised_at: Shown(alarm.raised_at),
            updated_at: Shown(alarm.updated_at),
            cleared_at: alarm.cleared_at.map(Shown),
            acknowledged_at: alarm.acknowledged_at.map(Shown),
            acknowledged_by: alarm.acknowledged_by.as_deref(),
        }
    }
}
