//! What a connector pulls from, read from its settings.

use std::path::Path;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::base::time::Clock;
use crate::config::parse_duration;
use crate::model::connector::ConnectorKind;
use crate::scim::schema::TypeSchema;
use crate::service::app::Fault;

use super::file::FileSource;
use super::google::GoogleSource;
use super::listing::Listing;
use super::settings::Reader;
use super::trouble::Trouble;
use super::upstream::Upstream;
use super::workday::WorkdaySource;

/// How often a connector may run, and how often it does when nothing is said.
const EVERY_MIN: Duration = Duration::from_secs(60);
const EVERY_MAX: Duration = Duration::from_secs(7 * 24 * 3_600);

/// A connector whose settings are understood.
#[derive(Debug, Clone)]
pub struct Source {
    pub kind: ConnectorKind,
    pub every: Duration,
    from: From,
}

#[derive(Debug, Clone)]
enum From {
    Google(Box<GoogleSource>),
    Workday(Box<WorkdaySource>),
    File(Box<FileSource>),
}

/// Reads settings, secrets included.
///
/// # Errors
///
/// Everything that is wrong with them.
pub fn read(settings: Map<String, Value>, schema: &TypeSchema) -> Result<Source, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut reader = Reader::new(settings, "connector", &mut faults);
    let right = "write google, workday or file";
    let kind = reader.word("type", right, ConnectorKind::from_name);
    if !reader.has("type") {
        reader.fault("type", "required", right);
    }
    // Anything else would be reported against the settings of another kind.
    let Some(kind) = kind else { return Err(faults) };
    let default = match kind {
        ConnectorKind::Google => Duration::from_secs(5 * 60),
        ConnectorKind::Workday | ConnectorKind::File => Duration::from_secs(3_600),
    };
    let every = reader.word("every", "write 1m to 7d", |text| {
        parse_duration(text).filter(|every| (EVERY_MIN..=EVERY_MAX).contains(every))
    });
    let from = match kind {
        ConnectorKind::Google => From::Google(Box::new(GoogleSource::read(&mut reader))),
        ConnectorKind::Workday => From::Workday(Box::new(WorkdaySource::read(&mut reader, schema))),
        ConnectorKind::File => From::File(Box::new(FileSource::read(&mut reader, schema))),
    };
    reader.finish();
    match faults.is_empty() {
        true => Ok(Source { kind, every: every.unwrap_or(default), from }),
        false => Err(faults),
    }
}

/// What a source needs to read.
pub struct Tools<'t> {
    pub upstream: Upstream,
    /// The folder that the operator allows files to be read from.
    pub folder: Option<&'t Path>,
    pub schema: &'t TypeSchema,
    pub clock: &'t Clock,
}

impl Source {
    /// Reads everything there is.
    ///
    /// # Errors
    ///
    /// When nothing of it can be used.
    pub async fn list(&self, tools: &Tools<'_>) -> Result<Listing, Trouble> {
        let mut listing = match &self.from {
            From::Google(google) => google.list(tools).await?,
            From::Workday(workday) => workday.list(&tools.upstream, tools.schema).await?,
            From::File(file) => file.list(&tools.upstream, tools.folder, tools.schema).await?,
        };
        listing.close();
        Ok(listing)
    }

    /// Tries whether reading works at all: credentials, addresses, columns.
    ///
    /// # Errors
    ///
    /// What is wrong, with the setting at fault.
    pub async fn check(&self, tools: &Tools<'_>) -> Result<(), Trouble> {
        match &self.from {
            From::Google(google) => google.check(tools).await,
            From::Workday(_) | From::File(_) => self.list(tools).await.map(drop),
        }
    }

    /// Asks, where that can be asked, for each who is absent: what there is reason to doubt.
    pub async fn doubts(&self, tools: &Tools<'_>, absent: Vec<String>) -> Option<Trouble> {
        match &self.from {
            From::Google(google) => google.doubts(tools, &absent).await,
            From::Workday(_) | From::File(_) => None,
        }
    }
}
