//! What a first start makes, and where `dev` keeps its clear text: `dev.json`, mode 0600.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::base::secret::Secret;
use crate::service::Context;

use super::AppError;

/// The key of the directory that `dev` makes.
pub const EXTERNAL_KEY: &str = "acme";
const KEPT_IN: &str = "dev.json";

/// What `dev` made on its first start.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct First {
    pub scim_token: String,
    pub api_key: String,
    pub directory_id: String,
    pub organization_id: String,
}
