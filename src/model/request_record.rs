//! Request records: one SCIM request as it arrived and what it was answered, secrets removed.

use crate::base::id::{DirectoryId, EventId, RequestId, TokenId};
use crate::base::limits::RECORDED_BODY_BYTES_MAX;
use crate::base::time::Timestamp;

/// One request and its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRecord {
    pub id: RequestId,
    /// Absent when the request named no directory or proved none.
    pub directory_id: Option<DirectoryId>,
    pub token_id: Option<TokenId>,
    pub received_at: Timestamp,
    pub duration_micros: u64,
    pub method: String,
    pub path: String,
    /// The query as it was written, without credentials.
    pub query: String,
    pub status: u16,
    /// The `scimType` of an error.
    pub scim_type: Option<String>,
    /// The `detail` of an error, or what a rule dropped.
    pub detail: Option<String>,
    /// Names of the deviations that were rewritten and of the rules that applied.
    pub rules: Vec<String>,
    /// The SCIM id that the request was about, when there was one.
    pub resource_id: Option<String>,
    pub client_address: Option<String>,
    pub user_agent: Option<String>,
    pub request_body: Option<RecordedBody>,
    pub response_body: Option<RecordedBody>,
    /// The events that the request caused, in order.
    pub events: Vec<EventId>,
}

impl RequestRecord {
    /// Adds names of rules, each once.
    pub fn note_rules<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) {
        for name in names {
            if !self.rules.iter().any(|known| known == name) {
                self.rules.push(name.to_owned());
            }
        }
    }

    /// Adds to what a rule dropped, up to [`RECORDED_BODY_BYTES_MAX`].
    pub fn note_detail(&mut self, dropped: &str) {
        match &mut self.detail {
            None => self.detail = Some(dropped.to_owned()),
            Some(known) if known.len() + dropped.len() < RECORDED_BODY_BYTES_MAX => {
                known.push_str("; ");
                known.push_str(dropped);
            }
            Some(_) => {}
        }
    }
}

/// A body without its secrets, cut off at [`RECORDED_BODY_BYTES_MAX`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedBody {
    pub text: String,
    /// Bytes that the body had before it was cut.
    pub bytes: u64,
    pub is_truncated: bool,
}
