//! `rosterd serve`: runs in production.

use crate::config::Loaded;

use super::run::{Daemon, runtime};
use super::{AppError, Ready};

/// Serves until told to stop; `on_ready` is called once the listeners accept.
///
/// # Errors
///
/// [`AppError`].
pub fn serve(loaded: &Loaded, on_ready: impl FnOnce(&Ready)) -> Result<(), AppError> {
    let runtime = runtime()?;
    runtime.block_on(async {
        let daemon = Daemon::start(&loaded.config)?;
        if let Some(key) = &loaded.config.app.key {
            super::first_start::preset_key(&daemon.context, key).await?;
        }
        on_ready(&ready(&daemon, loaded));
        daemon.serve().await
    })
}

fn ready(daemon: &Daemon, loaded: &Loaded) -> Ready {
    let config = &loaded.config;
    let app_url = match (daemon.bound.app, &daemon.bound.app_socket) {
        (Some(address), _) => format!("http://{address}"),
        (None, Some(socket)) => format!("unix://{}", socket.display()),
        (None, None) => format!("unix://{}", daemon.bound.operator_socket.display()),
    };
    Ready {
        scim_url: format!("{}/scim/v2", config.public_url(daemon.bound.scim)),
        scim_token: None,
        console_url: format!("{app_url}/console"),
        app_url,
        api_key: None,
        directory_id: None,
        organization_id: None,
        ca_cert: daemon.bound.ca_cert.clone(),
        data: config.data.clone(),
    }
}
