//! What every verb needs: the store, the clock, the address that is sent out.

use std::sync::Arc;

use crate::base::time::Clock;
use crate::store::Store;

use super::record::Recorder;
use super::registries::Registries;

/// Shared by all surfaces. Cheap to clone.
#[derive(Clone)]
pub struct Context {
    pub store: Store,
    pub clock: Clock,
    /// The base of every location and link, without a trailing slash: `https://scim.example.com`.
    pub public_url: Arc<str>,
    pub registries: Arc<Registries>,
    pub recorder: Recorder,
}

impl Context {
    pub fn new(store: Store, clock: Clock, public_url: &str, recorder: Recorder) -> Self {
        Self {
            store,
            clock,
            public_url: public_url.trim_end_matches('/').into(),
            registries: Arc::default(),
            recorder,
        }
    }

    /// The SCIM base URL of a directory.
    pub fn scim_url(&self, external_key: &str) -> String {
        format!("{}/scim/v2/{external_key}", self.public_url)
    }
}
