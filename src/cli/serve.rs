//! `rosterd serve`.

use std::path::PathBuf;

use clap::Args;

use crate::app;
use crate::config::{Config, Loaded, Overrides};

use super::banner::{ReadyLine, Secrets};
use super::client::{config_file, environment};
use super::console::{Console, Form};
use super::error::CliError;
use super::logging;
use super::reload;

pub const EXAMPLES: &str = "Example:\n  rosterd serve --config /etc/rosterd/config.toml";

#[derive(Debug, Clone, Default, Args)]
pub struct ServeArgs {
    #[command(flatten)]
    pub layers: LayerArgs,
    /// Print one line of JSON on stdout once the listeners accept
    #[arg(long)]
    json: bool,
}

/// The configuration's file, and the flags that lie over it.
#[derive(Debug, Clone, Default, Args)]
pub struct LayerArgs {
    /// The configuration file [env: ROSTERD_CONFIG]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder that keeps everything (data)
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The public listener, for identity providers (scim.listen)
    #[arg(long, value_name = "ADDR:PORT")]
    scim_listen: Option<String>,
    /// The app's listener (app.listen)
    #[arg(long, value_name = "ADDR:PORT")]
    app_listen: Option<String>,
}

impl LayerArgs {
    /// The file that is named, if any.
    pub fn file(&self) -> Option<PathBuf> {
        config_file(self.config.as_deref(), &environment())
    }

    pub fn overrides(&self) -> Overrides {
        let data = self.data.as_ref().map(|data| data.to_string_lossy().into_owned());
        let mut overrides = Overrides::default();
        for (flag, key, value) in [
            ("--data", "data", &data),
            ("--scim-listen", "scim.listen", &self.scim_listen),
            ("--app-listen", "app.listen", &self.app_listen),
        ] {
            if let Some(value) = value {
                overrides.set(flag, key, value.as_str());
            }
        }
        overrides
    }

    /// The configuration in force.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub fn load(&self) -> Result<Loaded, CliError> {
        Ok(Config::load(&self.overrides(), environment().into_iter(), self.file().as_deref())?)
    }
}

pub fn run(args: &ServeArgs, console: &mut Console) -> Result<(), CliError> {
    let loaded = args.layers.load()?;
    let log = &loaded.config.log;
    let level = logging::start(log.level, log.format);
    console.form = Form::json_if(args.json);
    let mut written = Ok(());
    app::serve(&loaded, |ready| {
        tracing::info!(scim = %ready.scim_url, app = %ready.app_url, "ready");
        if console.form == Form::Json {
            written = console.line(&ReadyLine::new(ready, Secrets::LeftOut).text());
        }
        tokio::spawn(reload::on_hangup(args.layers.clone(), loaded.config.clone(), level));
    })?;
    // Whoever started the daemon and went away doesn't stop it; it is told at the end.
    Ok(written?)
}
