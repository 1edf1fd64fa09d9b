//! `rosterd check`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::app::{self, CheckReport};

use super::client::{data_folder, environment};
use super::console::{Console, Form};
use super::error::CliError;
use super::table::Table;

pub const EXAMPLES: &str = "Example:\n  rosterd check --data /var/lib/rosterd";

#[derive(Debug, Clone, Args)]
pub struct CheckArgs {
    /// The data folder [default: ./.rosterd if it is there, else the configuration's]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The configuration file that names the data folder [env: ROSTERD_CONFIG]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub fn run(args: &CheckArgs, console: &mut Console) -> Result<(), CliError> {
    console.form = Form::json_if(args.json);
    let folder = std::env::current_dir().unwrap_or_default();
    let data = data_folder(args.data.as_deref(), args.config.as_deref(), &environment(), &folder)?;
    let report = app::check(&data)?;
    print(console, &report)?;
    if report.problems.is_empty() {
        if console.form == Form::Text {
            console.say(&format!("All is well in {}.", data.display()));
            if report.is_pruned {
                console.say("Old events were removed, as configured: the log and the tables were not compared.");
            }
        }
        return Ok(());
    }
    if console.form == Form::Text {
        console.say(&format!(
            "{} of {} is not to be trusted: keep a copy of the folder, and report this",
            app::STORE_FILE,
            data.display()
        ));
    }
    Err(CliError::Found)
}

fn print(console: &mut Console, report: &CheckReport) -> Result<(), CliError> {
    let counts = [
        ("directories", report.directories),
        ("users", report.users),
        ("groups", report.groups),
        ("memberships", report.memberships),
        ("events", report.events),
    ];
    match console.form {
        Form::Json => {
            let mut answer = json!({ "ok": report.problems.is_empty(), "problems": report.problems });
            for (name, count) in counts {
                answer[name] = count.into();
            }
            answer["log_is_whole"] = (!report.is_pruned).into();
            console.json(&answer)?;
        }
        Form::Text => {
            console.table(&Table::pairs(counts.map(|(name, count)| (name, count.to_string())).to_vec()))?;
            for problem in &report.problems {
                console.line(&format!("problem: {}", super::shown::safe(problem)))?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::cli::console::testing::piped;

    use super::*;

    fn report() -> CheckReport {
        CheckReport {
            problems: vec!["event_1 is missing".to_owned()],
            directories: 1,
            users: 20,
            groups: 3,
            memberships: 5,
            events: 31,
            is_pruned: false,
        }
    }

    #[test]
    fn a_report_counts_and_lists_problems() {
        let (mut console, out, _) = piped(Form::Text);
        assert!(print(&mut console, &report()).is_ok());
        let expected = "directories  1\nusers        20\ngroups       3\nmemberships  5\nevents       31\n\
                        problem: event_1 is missing\n";
        assert_eq!(out.text(), expected);
    }

    #[test]
    fn a_report_as_json_says_first_whether_all_is_well() {
        let (mut console, out, _) = piped(Form::Json);
        assert!(print(&mut console, &report()).is_ok());
        let expected = "{\"ok\":false,\"problems\":[\"event_1 is missing\"],\"directories\":1,\"users\":20,\
                        \"groups\":3,\"memberships\":5,\"events\":31,\"log_is_whole\":true}\n";
        assert_eq!(out.text(), expected);
    }
}
