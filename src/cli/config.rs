//! `rosterd config check` and `rosterd config show`.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::config::{self, Problem, Row};

use super::client::environment;
use super::console::{Console, Form};
use super::error::CliError;
use super::serve::LayerArgs;
use super::shown::{ABSENT, safe};
use super::table::Table;

const CHECK_EXAMPLES: &str = "Example:\n  rosterd config check --config /etc/rosterd/config.toml";
const SHOW_EXAMPLES: &str = "Example:\n  rosterd config show --json";

#[derive(Debug, Clone, Args)]
pub struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, Clone, Subcommand)]
enum ConfigCommand {
    /// Say everything that would stop a start, without starting
    #[command(after_help = CHECK_EXAMPLES)]
    Check(OneArgs),
    /// Print every key with its value and where that comes from; secrets hidden
    #[command(after_help = SHOW_EXAMPLES)]
    Show(OneArgs),
}

#[derive(Debug, Clone, Args)]
struct OneArgs {
    #[command(flatten)]
    layers: LayerArgs,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub fn run(args: ConfigArgs, console: &mut Console) -> Result<(), CliError> {
    match args.command {
        ConfigCommand::Check(args) => check(&args, console),
        ConfigCommand::Show(args) => show(&args, console),
    }
}

fn check(args: &OneArgs, console: &mut Console) -> Result<(), CliError> {
    console.form = Form::json_if(args.json);
    let file = args.layers.file();
    let problems = config::check(&args.layers.overrides(), environment().into_iter(), file.as_deref());
    print_problems(console, &problems)?;
    if !problems.is_empty() {
        return Err(CliError::FoundInConfiguration);
    }
    if console.form == Form::Text {
        match file {
            Some(file) => console.say(&format!("The configuration in {} is right.", file.display())),
            None => console.say(
                "The configuration is right; no file was named, so it is the defaults and the environment.",
            ),
        }
    }
    Ok(())
}

fn print_problems(console: &mut Console, problems: &[Problem]) -> Result<(), CliError> {
    match console.form {
        Form::Json => {
            let listed: Vec<Value> = problems
                .iter()
                .map(|problem| {
                    let key = (!problem.key.is_empty()).then_some(problem.key.as_str());
                    json!({ "source": problem.source.to_string(), "key": key, "message": problem.message })
                })
                .collect();
            console.json(&json!({ "ok": listed.is_empty(), "problems": listed }))?;
        }
        Form::Text => {
            for problem in problems {
                console.line(&safe(&problem.to_string()))?;
            }
        }
    }
    Ok(())
}

fn show(args: &OneArgs, console: &mut Console) -> Result<(), CliError> {
    console.form = Form::json_if(args.json);
    let rows = config::show(&args.layers.load()?);
    match console.form {
        Form::Json => console.json(&rows.iter().map(row_as_json).collect())?,
        Form::Text => {
            let mut table = Table::new(vec!["KEY", "VALUE", "SOURCE"]);
            for Row { key, value, source } in &rows {
                let value = if value.is_empty() { ABSENT.to_owned() } else { safe(value) };
                table.add_row(vec![(*key).to_owned(), value, safe(&source.to_string())]);
            }
            console.table(&table)?;
        }
    }
    Ok(())
}

fn row_as_json(row: &Row) -> Value {
    json!({ "key": row.key, "value": row.value, "source": row.source.to_string() })
}

#[cfg(test)]
mod tests {
    use crate::cli::console::testing::piped;
    use crate::config::Source;

    use super::*;

    #[test]
    fn problems_are_one_a_line_or_an_object_each() {
        let problem = Problem {
            source: Source::File { path: "/c.toml".into(), line: 3 },
            key: "scim.listn".to_owned(),
            message: "there is no key of this name".to_owned(),
        };
        let (mut console, out, _) = piped(Form::Text);
        assert!(print_problems(&mut console, std::slice::from_ref(&problem)).is_ok());
        assert_eq!(out.text(), "/c.toml:3: scim.listn: there is no key of this name\n");
        let (mut console, out, _) = piped(Form::Json);
        assert!(print_problems(&mut console, &[problem]).is_ok());
        let expected = "{\"ok\":false,\"problems\":[{\"source\":\"/c.toml:3\",\"key\":\"scim.listn\",\
                        \"message\":\"there is no key of this name\"}]}\n";
        assert_eq!(out.text(), expected);
    }
}
