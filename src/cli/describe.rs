//! `rosterd openapi`, `completions` and `man`: what the program tells of itself.

use std::fs;
use std::path::PathBuf;

use clap::{Args, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;

use crate::app_api;

use super::Cli;
use super::console::Console;
use super::error::CliError;

pub const OPENAPI_EXAMPLES: &str = "Example:\n  rosterd openapi > openapi.json";
pub const COMPLETIONS_EXAMPLES: &str =
    "Example:\n  rosterd completions bash > /etc/bash_completion.d/rosterd";
pub const MAN_EXAMPLES: &str = "Examples:\n  rosterd man | man -l -\n  rosterd man --dir /usr/share/man/man1";

#[derive(Debug, Clone, Args)]
pub struct CompletionsArgs {
    shell: Shell,
}

#[derive(Debug, Clone, Args)]
pub struct ManArgs {
    /// Write a page for each command into this folder
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

pub fn openapi(console: &mut Console) -> Result<(), CliError> {
    Ok(console.line(app_api::OPENAPI.trim_end())?)
}

pub fn completions(args: &CompletionsArgs, console: &mut Console) -> Result<(), CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "rosterd", &mut script);
    Ok(console.line(String::from_utf8_lossy(&script).trim_end())?)
}

pub fn man(args: &ManArgs, console: &mut Console) -> Result<(), CliError> {
    let Some(folder) = &args.dir else {
        let mut page = Vec::new();
        Man::new(Cli::command()).render(&mut page)?;
        return Ok(console.line(String::from_utf8_lossy(&page).trim_end())?);
    };
    let doing = format!("the pages can't be written to {}", folder.display());
    fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), folder))
        .map_err(|error| CliError::System { doing, error })
}
