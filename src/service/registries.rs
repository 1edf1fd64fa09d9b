//! The schemas of each directory, kept ready until its extensions change.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tracing::error;

use crate::base::id::DirectoryId;
use crate::scim::schema::{self, Registry, ResourceType, extension};

/// Registries by directory. Directories without extensions share the standard one.
pub struct Registries {
    standard: Registry,
    extended: Mutex<HashMap<DirectoryId, (u64, Registry)>>,
}

impl Default for Registries {
    fn default() -> Self {
        Self { standard: schema::standard(), extended: Mutex::default() }
    }
}

impl Registries {
    /// The registry of the directory's version of schemas; `load` reads its extensions (resource
    /// type and JSON) when they aren't known yet.
    pub fn of<E>(
        &self,
        directory: DirectoryId,
        version: u64,
        load: impl FnOnce() -> Result<Vec<(String, String)>, E>,
    ) -> Result<Registry, E> {
        if version == 0 {
            return Ok(self.standard.clone());
        }
        let known = self.extended.lock().unwrap_or_else(PoisonError::into_inner).get(&directory).cloned();
        if let Some((_, registry)) = known.filter(|(known_version, _)| *known_version == version) {
            return Ok(registry);
        }
        let registry = self.build(&load()?);
        let mut extended = self.extended.lock().unwrap_or_else(PoisonError::into_inner);
        extended.insert(directory, (version, registry.clone()));
        Ok(registry)
    }

    fn build(&self, stored: &[(String, String)]) -> Registry {
        let (mut user, mut group) = (Vec::new(), Vec::new());
        for (resource_type, body) in stored {
            let resource_type = match resource_type.as_str() {
                "Group" => ResourceType::Group,
                _ => ResourceType::User,
            };
            let parsed = serde_json::from_str(body).map(|json| extension::parse(&json, resource_type));
            match (parsed, resource_type) {
                (Ok(Ok(schema)), ResourceType::User) => user.push(schema),
                (Ok(Ok(schema)), ResourceType::Group) => group.push(schema),
                // It was checked when it was registered; without it its attributes are still kept.
                (Ok(Err(_)) | Err(_), _) => error!("a registered extension schema can't be read and is left out"),
            }
        }
        self.standard.with_extensions(user, group)
    }
}
