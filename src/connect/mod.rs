//! Connectors pull from providers that push nothing, and change users and groups through the verbs
//! that SCIM goes through.
//!
//! A listing from outside is never believed to be whole because it ended: absence means something
//! only when every page was read, nothing came twice, and the file ends as a whole file does; and
//! then a large wave of removals waits for a person all the same ([`guard`]). What a provider says in
//! as many words, that somebody is suspended or terminated, needs neither.

mod apply;
mod columns;
mod csv;
mod decode;
mod engine;
mod file;
mod google;
mod guard;
mod listing;
mod report;
mod schedule;
mod settings;
mod source;
#[cfg(test)]
mod tests;
mod trouble;
mod upstream;
mod workday;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::base::id::DirectoryId;
use crate::base::json;
use crate::base::limits;
use crate::base::seal::SealingKey;
use crate::model::connector::{Connector, ConnectorKind};
use crate::model::provider::Provider;
use crate::scim::schema::standard;
use crate::service::Context;
use crate::service::app::connectors::{NewConnector, set_next_run};
use crate::service::app::{AppFailure, Fault};
use crate::web::client::Client;

pub use schedule::run;
use source::{Source, Tools};
use trouble::{Trouble, TroubleKind};
use upstream::{Patience, Upstream};

/// How long a check may take, while somebody waits for it.
const CHECK_WITHIN: Duration = Duration::from_secs(25);

/// What the operator's configuration says.
pub struct ConnectorOptions {
    pub client: Client,
    /// The key that seals credentials, or why there is none.
    pub key: Result<SealingKey, String>,
    /// The folder below which files may be read.
    pub folder: Option<PathBuf>,
    /// How patient runs are.
    pub patience: RunPatience,
}

/// Runs wait for minutes; tests don't.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunPatience {
    Minutes,
    Moments,
}

/// All connectors of this daemon.
pub struct Connectors {
    context: Context,
    client: Client,
    key: Result<SealingKey, String>,
    folder: Option<PathBuf>,
    patience: Patience,
    /// Somebody wants a run sooner.
    sooner: Notify,
}

/// Settings that were read and, unless that was not wanted, tried.
pub struct Checked {
    source: Source,
    settings: Map<String, Value>,
}

impl Checked {
    /// The provider of a directory that is pulled from there.
    pub fn provider(&self) -> Provider {
        match self.source.kind {
            ConnectorKind::Google => Provider::Google,
            ConnectorKind::Workday => Provider::Workday,
            ConnectorKind::File => Provider::Generic,
        }
    }
}

impl Connectors {
    pub fn new(context: Context, options: ConnectorOptions) -> Arc<Self> {
        let patience = match options.patience {
            RunPatience::Minutes => Patience::RUN,
            RunPatience::Moments => Patience { attempts: 3, pause: Duration::from_millis(5) },
        };
        Arc::new(Self {
            context,
            client: options.client,
            key: options.key,
            folder: options.folder,
            patience,
            sooner: Notify::new(),
        })
    }

    /// Reads settings and says everything that is wrong with them.
    ///
    /// # Errors
    ///
    /// [`AppFailure::Invalid`].
    pub fn read(&self, settings: Map<String, Value>) -> Result<Checked, AppFailure> {
        let source = source::read(settings.clone(), &standard().user).map_err(AppFailure::Invalid)?;
        Ok(Checked { source, settings })
    }

    /// Tries settings: credentials, addresses, columns.
    ///
    /// # Errors
    ///
    /// [`AppFailure::Invalid`] with the setting at fault and what to change.
    pub async fn check(&self, checked: &Checked) -> Result<(), AppFailure> {
        let registry = standard();
        let upstream = Upstream::new(self.client.clone(), Patience::CHECK, Instant::now() + CHECK_WITHIN);
        let folder = self.folder.as_deref();
        let tools = Tools { upstream, folder, schema: &registry.user, clock: &self.context.clock };
        match tokio::time::timeout(CHECK_WITHIN, checked.source.check(&tools)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(trouble)) => Err(refused(&trouble)),
            Err(_) => Err(refused(&Trouble::new(
                TroubleKind::Upstream,
                "",
                "the provider did not answer in time",
                "try again, or leave the check out",
            ))),
        }
    }

    /// Seals the secrets of settings for one directory.
    ///
    /// # Errors
    ///
    /// When there is no key to seal with.
    pub fn seal(&self, directory: DirectoryId, checked: Checked) -> Result<NewConnector, AppFailure> {
        let key = self.key.as_ref().map_err(|cause| AppFailure::Conflict {
            code: "no_sealing_key",
            message: format!("credentials can't be kept: {cause}"),
        })?;
        let (settings, secrets) = settings::split(checked.settings);
        Ok(NewConnector {
            kind: checked.source.kind,
            settings,
            credentials: key.seal(&purpose(directory), &Value::Object(secrets).to_string()),
            every_secs: checked.source.every.as_secs(),
        })
    }

    /// The settings with their secrets.
    fn unsealed(&self, connector: &Connector) -> Result<Map<String, Value>, Trouble> {
        let hint = "see secrets.key_file in the configuration";
        let key = self.key.as_ref().map_err(|cause| Trouble::own(cause.clone(), hint))?;
        let opened = key
            .open(&purpose(connector.directory_id), &connector.credentials)
            .map_err(|error| Trouble::own(error.to_string(), hint))?;
        match json::parse(opened.reveal().as_bytes(), limits::JSON_DEPTH_MAX) {
            Ok(Value::Object(secrets)) => Ok(settings::join(&connector.settings, &secrets)),
            Ok(_) | Err(_) => Err(Trouble::own("the sealed credentials can't be read", "enter them again")),
        }
    }

    /// Lets a connector run as soon as there is room.
    ///
    /// # Errors
    ///
    /// [`AppFailure`] of the store.
    pub async fn sync(&self, directory: DirectoryId) -> Result<(), AppFailure> {
        set_next_run(&self.context, directory, self.context.clock.now()).await?;
        self.sooner.notify_one();
        Ok(())
    }

    /// A connector was set: it runs at once.
    pub fn wake(&self) {
        self.sooner.notify_one();
    }
}

/// What is sealed for one directory can't be moved to another.
fn purpose(directory: DirectoryId) -> String {
    format!("connector credentials of {directory}")
}

fn refused(trouble: &Trouble) -> AppFailure {
    let field = match trouble.field {
        "" => "connector".to_owned(),
        field => format!("connector.{field}"),
    };
    let code = match trouble.kind {
        TroubleKind::Credentials => "credentials_refused",
        TroubleKind::Settings => "invalid",
        TroubleKind::Upstream => "unreachable",
        TroubleKind::Content => "unusable",
        TroubleKind::Own => "unavailable",
    };
    AppFailure::Invalid(vec![Fault::new(field, code, format!("{}; {}", trouble.message, trouble.hint))])
}
