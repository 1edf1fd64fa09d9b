//! `rosterd health`: whether the daemon is ready.

use clap::Args;
use serde_json::json;

use super::client::{ApiPath, Client, ClientError, DaemonArgs};
use super::console::{Console, Form};
use super::error::CliError;

pub const EXAMPLES: &str = "Examples:\n  rosterd health\n  rosterd health --url http://127.0.0.1:7643";

#[derive(Debug, Clone, Args)]
pub struct HealthArgs {
    #[command(flatten)]
    daemon: DaemonArgs,
}

pub fn run(args: &HealthArgs, console: &mut Console) -> Result<(), CliError> {
    console.form = Form::json_if(args.daemon.json);
    let client = Client::find(&args.daemon)?;
    match client.get(&ApiPath::new("/readyz")) {
        Ok(answer) => match console.form {
            Form::Json => console.json(&answer)?,
            Form::Text => console.line("ready")?,
        },
        Err(ClientError::Refused { refusal, .. }) if refusal.status.is_server_error() => {
            if console.form == Form::Json {
                console.json(&json!({ "status": "not_ready", "message": refusal.message }))?;
            }
            return Err(CliError::NotReady(refusal.message));
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
