//! Shows a fake provider at work: a line for each step, a progress bar for long ones, tables at the end.

use std::io::{IsTerminal, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};

use crate::idp::check::Finding;
use crate::idp::link::{Exchange, Stop};
use crate::idp::report::Report;
use crate::idp::run::{Note, Step};

use super::console::{Console, Form};
use super::error::CliError;
use super::shown::safe_lines;
use super::table::Table;

/// Steps with fewer parts need no bar.
const BAR_FROM: usize = 50;
/// Requests that a line shows one by one.
const SHOWN_REQUESTS: usize = 8;

/// What is shown of a run under way.
pub struct Steps<'a> {
    console: &'a mut Console,
    bar: Option<ProgressBar>,
    failed: Option<std::io::Error>,
}

impl<'a> Steps<'a> {
    pub fn new(console: &'a mut Console) -> Self {
        Self { console, bar: None, failed: None }
    }

    pub fn note(&mut self, note: &Note<'_>) {
        match note {
            Note::Progress { title, done, of } => self.progress(title, *done, *of),
            Note::Step(step) => {
                if let Some(bar) = self.bar.take() {
                    bar.finish_and_clear();
                }
                let written = match self.console.form {
                    Form::Json => self.console.json_line(&step_json(step)),
                    Form::Text => self.console.line(&safe_lines(&step_line(step))),
                };
                // A closed pipe does not end the run: the provider's work goes on, only nobody looks.
                self.failed = self.failed.take().or(written.err());
            }
        }
    }

    /// Whether everything could be written.
    ///
    /// # Errors
    ///
    /// The first failure to write.
    pub fn finish(self) -> Result<(), CliError> {
        match self.failed {
            Some(error) => Err(CliError::Output(error)),
            None => Ok(()),
        }
    }

    fn progress(&mut self, title: &str, done: usize, of: usize) {
        if of < BAR_FROM || !std::io::stderr().is_terminal() {
            return;
        }
        let bar = self.bar.get_or_insert_with(|| {
            let bar = ProgressBar::with_draw_target(Some(of as u64), ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("{msg} {bar:30} {pos}/{len} {eta}") {
                bar.set_style(style);
            }
            bar.set_message(title.to_owned());
            bar
        });
        bar.set_position(done as u64);
    }
}

/// For a run beside something else: its steps among the words for a person.
pub fn on_stderr(note: &Note<'_>) {
    if let Note::Step(step) = note {
        say(&step_line(step));
    }
}

/// How such a run ended.
pub fn end_on_stderr(outcome: &Result<Report, Stop>) {
    match outcome {
        Ok(report) => {
            report.findings.0.iter().for_each(|finding| say(&finding_text(finding)));
            say(&summary(report));
        }
        Err(stop) => say(&format!("the fake provider stopped: {stop}")),
    }
}

fn say(text: &str) {
    // A closed stderr is no reason to stop.
    let _ = writeln!(std::io::stderr(), "{}", safe_lines(text));
}

/// A step in a line: what happened, with which requests, how long it took.
pub fn step_line(step: &Step) -> String {
    let requests = match step.requests > SHOWN_REQUESTS {
        true => format!("{} requests", step.requests),
        false => step.exchanges.iter().map(exchange).collect::<Vec<_>>().join(", "),
    };
    let failures = match step.failures.len() {
        0 => String::new(),
        1 => format!("  FAILED: {}", step.failures[0]),
        count => format!("  {count} FAILED, first: {}", step.failures[0]),
    };
    format!("{:>4}  {}: {requests}, {} ms{failures}", step.number, step.title, step.took.as_millis())
}

fn exchange(exchange: &Exchange) -> String {
    let path = exchange.path.split('?').next().unwrap_or_default();
    let kind = match path.trim_start_matches('/').split_once('/') {
        Some((kind, _)) => format!("/{kind}/…"),
        None => path.to_owned(),
    };
    let status = exchange.status.map_or("no answer".to_owned(), |status| status.to_string());
    format!("{} {kind} {status}", exchange.method)
}

fn step_json(step: &Step) -> Value {
    let requests: Vec<Value> = step
        .exchanges
        .iter()
        .map(|exchange| {
            json!({ "method": exchange.method.as_str(), "path": exchange.path, "status": exchange.status })
        })
        .collect();
    json!({
        "object": "idp_step",
        "number": step.number,
        "title": step.title,
        "requests": requests,
        "requests_count": step.requests,
        "duration_ms": u64::try_from(step.took.as_millis()).unwrap_or(u64::MAX),
        "failures": step.failures,
    })
}

/// The end of a run: requests by kind and status, then what was found.
///
/// # Errors
///
/// When stdout can't be written.
pub fn report(console: &mut Console, report: &Report) -> Result<(), CliError> {
    if console.form == Form::Json {
        return Ok(console.json_line(&report.json())?);
    }
    let mut table = Table::new(vec!["REQUEST", "STATUS", "COUNT"]);
    for (kind, status, count) in &report.traffic {
        table.add_row(vec![kind.clone(), status.clone(), count.to_string()]);
    }
    console.line("")?;
    console.table(&table)?;
    console.line("")?;
    let (findings, left_out) = &report.findings;
    for finding in findings {
        console.line(&safe_lines(&finding_text(finding)))?;
    }
    if *left_out > 0 {
        console.line(&format!("and {left_out} more"))?;
    }
    console.say(&summary(report));
    Ok(())
}

fn finding_text(finding: &Finding) -> String {
    let times = if finding.times > 1 { format!(" ({} times)", finding.times) } else { String::new() };
    format!(
        "{}{times}, at \"{}\"\n  {}\n  expected {}\n  came     {}\n  why      {}\n",
        finding.need.name(),
        finding.step,
        finding.request,
        finding.expected,
        finding.came,
        finding.why
    )
}

fn summary(report: &Report) -> String {
    let found = match report.findings.0.len() + report.findings.1 {
        0 => "nothing wrong".to_owned(),
        1 => "1 finding".to_owned(),
        count => format!("{count} findings"),
    };
    format!(
        "{} as {}, seed {}: {} requests in {:.1} s, {found}",
        report.scenario,
        report.provider,
        report.seed,
        report.requests(),
        report.took.as_secs_f64(),
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::Method;

    use super::*;

    #[test]
    fn a_step_is_one_line() {
        let one = |path: &str| Exchange { method: Method::GET, path: path.to_owned(), status: Some(200) };
        let mut step = Step {
            number: 3,
            title: "Ana leaves".to_owned(),
            exchanges: vec![
                one("/Users?filter=x"),
                one("/Users/1"),
                Exchange { status: None, ..one("/Groups") },
            ],
            requests: 3,
            took: Duration::from_millis(12),
            failures: Vec::new(),
        };
        let expected = "   3  Ana leaves: GET /Users 200, GET /Users/… 200, GET /Groups no answer, 12 ms";
        assert_eq!(step_line(&step), expected);
        step.requests = 4_000;
        step.failures = vec!["answered 500".to_owned()];
        assert_eq!(step_line(&step), "   3  Ana leaves: 4000 requests, 12 ms  FAILED: answered 500");
    }
}
