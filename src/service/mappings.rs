//! The mapping in force in each directory, kept ready until another one is saved.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tracing::error;

use crate::base::id::DirectoryId;
use crate::model::mapping::{Document, Mapping};
use crate::model::provider::Provider;
use crate::store::Error;
use crate::store::directory::{DirectoryView, MappingVersion};

/// Compiled mappings by directory. Those without one of their own share their provider's.
#[derive(Default)]
pub struct Mappings {
    own: Mutex<HashMap<DirectoryId, (MappingVersion, Provider, Arc<Mapping>)>>,
}

impl Mappings {
    /// The mapping in force, as the transaction behind `view` sees it.
    pub fn in_force(&self, view: &DirectoryView<'_>, provider: Provider) -> Result<Arc<Mapping>, Error> {
        let version = view.mapping_version()?;
        if version == MappingVersion::default() {
            return Ok(Mapping::default_of(provider));
        }
        let known = self.own.lock().unwrap_or_else(PoisonError::into_inner).get(&view.id()).cloned();
        if let Some((known_version, known_provider, mapping)) = known
            && (known_version, known_provider) == (version, provider)
        {
            return Ok(mapping);
        }
        let document = view.mapping()?.and_then(|row| row.document);
        let mapping = match document {
            None => Mapping::default_of(provider),
            Some(document) => Arc::new(compile(provider, &document)),
        };
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        own.insert(view.id(), (version, provider, Arc::clone(&mapping)));
        Ok(mapping)
    }
}

/// A stored mapping was checked when it was saved. If this program can't read it all the same,
/// nobody may get a role by accident: the defaults have none.
fn compile(provider: Provider, document: &str) -> Mapping {
    let parsed = serde_json::from_str::<Value>(document).ok().map(|json| Document::parse(&json));
    match parsed {
        Some(Ok(document)) => Mapping::compile(provider, &document),
        Some(Err(_)) | None => {
            error!("a stored mapping can't be read; the defaults are in force instead: save it again");
            Mapping::compile(provider, &Document::default())
        }
    }
}
