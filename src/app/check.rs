//! Checks the file of a data folder, with or without a daemon.

use std::path::Path;

use crate::service;
use crate::store::inspect::Inspection;

use super::{AppError, STORE_FILE};

pub use crate::service::check::CheckReport;

/// Checks `rosterd.db` in a data folder.
///
/// # Errors
///
/// [`AppError`] when there is none, or it can't be read to its end.
pub fn check(data: &Path) -> Result<CheckReport, AppError> {
    let file = Inspection::open(&data.join(STORE_FILE))?;
    service::check::check(&file).map_err(AppError::Read)
}
