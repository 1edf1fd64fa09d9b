//! That the arguments are consistent, every example works, and every failure has its exit code.

#![allow(clippy::unwrap_used)]

use std::io;

use clap::CommandFactory;

use crate::config::ConfigError;

use super::*;

/// Every command that does something, with its path: `["directory", "create"]`.
fn leaves(command: &clap::Command, path: &[String], found: &mut Vec<(Vec<String>, clap::Command)>) {
    let subcommands: Vec<_> = command.get_subcommands().filter(|one| one.get_name() != "help").collect();
    if subcommands.is_empty() {
        found.push((path.to_vec(), command.clone()));
    }
    for subcommand in subcommands {
        let path = [path, &[subcommand.get_name().to_owned()]].concat();
        leaves(subcommand, &path, found);
    }
}

fn all_leaves() -> Vec<(Vec<String>, clap::Command)> {
    let mut found = Vec::new();
    leaves(&Cli::command(), &[], &mut found);
    found
}

/// The example lines of a command's help.
fn examples(command: &clap::Command) -> Vec<String> {
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    help.lines().filter_map(|line| line.strip_prefix("  rosterd")).map(str::to_owned).collect()
}

/// Splits as a shell does, as far as the examples go: words, single quotes, an end at `>` and `|`.
fn words(line: &str) -> Vec<String> {
    let mut words = vec!["rosterd".to_owned()];
    for (index, part) in line.split('\'').enumerate() {
        if index % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    let end = words.iter().position(|word| word == ">" || word == "|").unwrap_or(words.len());
    words.truncate(end);
    words
}

#[test]
fn the_arguments_are_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_has_examples_and_they_parse() {
    let leaves = all_leaves();
    assert!(20 < leaves.len());
    for (path, command) in leaves {
        let examples = examples(&command);
        assert!(!examples.is_empty(), "{path:?} has no example in its help");
        for example in examples {
            let words = words(&example);
            assert_eq!(words[1..=path.len()], path, "{example}");
            if let Err(error) = Cli::try_parse_from(&words) {
                panic!("{example}: {error}");
            }
        }
    }
}

#[test]
fn no_example_or_help_is_wider_than_a_terminal() {
    for (path, command) in all_leaves() {
        for line in examples(&command) {
            assert!(line.chars().count() <= 100, "{path:?}: {line}");
        }
    }
}

#[test]
fn every_command_that_prints_a_table_has_json() {
    for (path, _) in all_leaves() {
        let prints_itself = ["openapi", "completions", "man"].contains(&path[0].as_str());
        let mut command = Cli::command();
        command.build();
        let leaf = path.iter().fold(&command, |command, name| command.find_subcommand(name).unwrap());
        let has_json = leaf.get_arguments().any(|argument| argument.get_id() == "json");
        assert_eq!(has_json, !prints_itself, "{path:?}");
    }
}

#[test]
fn arguments_that_make_no_sense_are_refused() {
    for line in [
        "access",
        "access --email ada@acme.test",
        "access directory_user_1 --email ada@acme.test --directory acme",
        "users list --limit 0",
        "users list --limit 5 --all",
        "users list --email ada@acme.test",
        "directory create",
        "directory create Acme --provider nobody",
        "events list --event dsync.user.renamed",
        "events tail --since 1h --after event_01KB0000000000000000000000",
        "token create acme --expires soon",
        "requests list --status 4x",
        "dev --app-listen 0.0.0.0:7643",
    ] {
        assert!(Cli::try_parse_from(words(&format!(" {line}"))).is_err(), "{line}");
    }
}

#[test]
fn every_failure_has_its_exit_code() {
    let code = |error: CliError| format!("{:?}", error.exit_code());
    let exit = |exit: Exit| format!("{:?}", ExitCode::from(exit));
    let config = CliError::Config(ConfigError { problems: Vec::new() });
    for (error, expected) in [
        (CliError::WrongUse(String::new()), Exit::WrongUse),
        (config, Exit::BadConfiguration),
        (CliError::FoundInConfiguration, Exit::BadConfiguration),
        (CliError::NoDirectory { name: "acme".to_owned() }, Exit::NotFound),
        (CliError::NotReady(String::new()), Exit::Failed),
        (CliError::Found, Exit::Found),
        (CliError::Output(io::ErrorKind::BrokenPipe.into()), Exit::Done),
        (CliError::Output(io::ErrorKind::StorageFull.into()), Exit::Failed),
    ] {
        assert_eq!(code(error), exit(expected), "{expected:?}");
    }
}

#[test]
fn exit_codes_are_those_that_scripts_rely_on() {
    let all = [
        Exit::Done,
        Exit::Failed,
        Exit::WrongUse,
        Exit::BadConfiguration,
        Exit::NoDaemon,
        Exit::NotAuthorised,
        Exit::NotFound,
        Exit::Found,
    ];
    for (code, exit) in (0_u8..).zip(all) {
        assert_eq!(exit.code(), code, "{exit:?}");
    }
}
