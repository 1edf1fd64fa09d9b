//! What every verb needs: the store, the clock, the address that is sent out.

use std::sync::Arc;

use crate::base::time::Clock;
use crate::model::brake::Watch;
use crate::model::directory::OnDeactivate;
use crate::store::Store;
use crate::store::credentials::FoundKey;

use super::authenticate::KnownToken;
use super::mappings::Mappings;
use super::record::Recorder;
use super::registries::Registries;
use super::remembered::Remembered;

/// Shared by all surfaces. Cheap to clone.
#[derive(Clone)]
pub struct Context {
    pub store: Store,
    pub clock: Clock,
    /// The base of every location and link, without a trailing slash: `https://scim.example.com`.
    pub public_url: Arc<str>,
    pub registries: Arc<Registries>,
    pub mappings: Arc<Mappings>,
    pub known_tokens: Arc<Remembered<KnownToken>>,
    pub known_keys: Arc<Remembered<FoundKey>>,
    pub recorder: Recorder,
    pub settings: Settings,
}

/// What the configuration decides about verbs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Whether request records keep bodies.
    pub keeps_bodies: bool,
    /// For directories that don't say.
    pub on_deactivate: OnDeactivate,
    /// The same.
    pub watch: Watch,
}

impl Default for Settings {
    fn default() -> Self {
        Self { keeps_bodies: true, on_deactivate: OnDeactivate::Keep, watch: Watch::default() }
    }
}

impl Context {
    pub fn new(store: Store, clock: Clock, public_url: &str, recorder: Recorder) -> Self {
        Self {
            store,
            clock,
            public_url: public_url.trim_end_matches('/').into(),
            registries: Arc::default(),
            mappings: Arc::default(),
            known_tokens: Arc::default(),
            known_keys: Arc::default(),
            recorder,
            settings: Settings::default(),
        }
    }

    #[must_use]
    pub fn with(self, settings: Settings) -> Self {
        Self { settings, ..self }
    }

    /// The SCIM base URL of a directory.
    pub fn scim_url(&self, external_key: &str) -> String {
        format!("{}/scim/v2/{external_key}", self.public_url)
    }
}
