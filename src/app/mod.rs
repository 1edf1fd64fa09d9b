//! Builds the parts, runs them, stops them in order.

mod check;
mod dev;
mod error;
mod first_start;
mod gauges;
mod panics;
mod run;
mod serve;

use std::path::PathBuf;

pub use check::{CheckReport, check};
pub use dev::{DevIdp, DevOptions, dev};
pub use error::AppError;
pub use serve::serve;

/// The name of the store's file in the data folder.
pub const STORE_FILE: &str = "rosterd.db";

/// What a daemon that accepts tells of itself.
#[derive(Debug, Clone)]
pub struct Ready {
    pub scim_url: String,
    /// Clear text; `dev` alone has it.
    pub scim_token: Option<String>,
    pub app_url: String,
    /// Clear text; `dev` alone has it.
    pub api_key: Option<String>,
    pub directory_id: Option<String>,
    pub organization_id: Option<String>,
    /// The CA to trust, with self-signed certificates.
    pub ca_cert: Option<PathBuf>,
    pub console_url: String,
    pub data: PathBuf,
}
