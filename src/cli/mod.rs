//! The command line: reads the arguments, does what they say, and ends with the right exit code.
//!
//! One file per command. Commands that read or change a running daemon are clients of the app's API
//! ([`client`]); what they print goes through [`console`], so that data and words never mix.

mod access;
mod alarms;
mod banner;
mod check;
mod client;
mod config;
mod console;
mod describe;
mod dev;
mod directory;
mod directory_name;
mod error;
mod events;
mod exit;
mod groups;
mod health;
mod idp;
mod idp_steps;
mod idp_upstream;
mod key;
mod lists;
mod logging;
mod mapping;
mod moment;
mod reload;
mod requests;
mod serve;
mod shown;
mod table;
#[cfg(test)]
mod tests;
mod token;
mod users;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use console::Console;
use error::CliError;
use exit::Exit;

/// Directory sync beside your app: SCIM 2.0 in from identity providers, one SQLite file, the WorkOS Directory
/// Sync API out to the app.
#[derive(Debug, Parser)]
#[command(
    name = "rosterd",
    version,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "Begin with:\n  rosterd dev\n\nExit codes: 0 done, 1 failed, 2 wrong use, 3 bad configuration, 4 no \
                  daemon reached,\n5 not authorised, 6 not found, 7 a check found something."
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run in production, from a configuration file and the environment
    #[command(after_help = serve::EXAMPLES)]
    Serve(serve::ServeArgs),
    /// Run on a laptop with no configuration at all
    #[command(after_help = dev::EXAMPLES)]
    Dev(dev::DevArgs),
    /// Customers' connections to their identity providers
    Directory(directory::DirectoryArgs),
    /// Bearer tokens of a directory
    Token(token::TokenArgs),
    /// Keys of the app's API
    Key(key::KeyArgs),
    /// How attributes and roles are made from what the provider sends
    Mapping(mapping::MappingArgs),
    /// Directory users, as the app sees them
    Users(users::UsersArgs),
    /// Directory groups, as the app sees them
    Groups(groups::GroupsArgs),
    /// Whether somebody may come in, and why
    #[command(after_help = access::EXAMPLES)]
    Access(access::AccessArgs),
    /// What somebody should look at: waves of deprovisioning, silent providers, tokens that end
    Alarms(alarms::AlarmsArgs),
    /// What changed, in the order in which it was committed
    Events(events::EventsArgs),
    /// What providers sent, and what they were answered
    Requests(requests::RequestsArgs),
    /// Fake identity providers, for laptops and tests
    Idp(idp::IdpArgs),
    /// Check the file of a data folder, with or without a daemon
    #[command(after_help = check::EXAMPLES)]
    Check(check::CheckArgs),
    /// Whether the daemon is ready; for containers without curl
    #[command(after_help = health::EXAMPLES)]
    Health(health::HealthArgs),
    /// The configuration in force, or what is wrong with it
    Config(config::ConfigArgs),
    /// Print the description of the app's API
    #[command(after_help = describe::OPENAPI_EXAMPLES)]
    Openapi,
    /// Print the completions for a shell
    #[command(after_help = describe::COMPLETIONS_EXAMPLES)]
    Completions(describe::CompletionsArgs),
    /// Print the manual page, or write those of all commands
    #[command(after_help = describe::MAN_EXAMPLES)]
    Man(describe::ManArgs),
}

/// Runs the command that the arguments name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way too, to stdout and with code 0. If they can't be
            // written there is nobody to tell.
            let _ = error.print();
            let is_fault = error.use_stderr();
            return if is_fault { Exit::WrongUse.into() } else { Exit::Done.into() };
        }
    };
    let mut console = Console::of_process();
    match dispatch(cli.command, &mut console) {
        Ok(()) => Exit::Done.into(),
        Err(error) => {
            if !error.is_silent() {
                console.say(&format!("error: {error}"));
            }
            error.exit_code()
        }
    }
}

fn dispatch(command: Command, console: &mut Console) -> Result<(), CliError> {
    match command {
        Command::Serve(args) => serve::run(&args, console),
        Command::Dev(args) => dev::run(args, console),
        Command::Directory(args) => directory::run(args, console),
        Command::Token(args) => token::run(args, console),
        Command::Key(args) => key::run(args, console),
        Command::Mapping(args) => mapping::run(args, console),
        Command::Users(args) => users::run(args, console),
        Command::Groups(args) => groups::run(args, console),
        Command::Access(args) => access::run(&args, console),
        Command::Alarms(args) => alarms::run(args, console),
        Command::Events(args) => events::run(args, console),
        Command::Requests(args) => requests::run(args, console),
        Command::Idp(args) => idp::run(args, console),
        Command::Check(args) => check::run(&args, console),
        Command::Health(args) => health::run(&args, console),
        Command::Config(args) => config::run(args, console),
        Command::Openapi => describe::openapi(console),
        Command::Completions(args) => describe::completions(&args, console),
        Command::Man(args) => describe::man(&args, console),
    }
}
