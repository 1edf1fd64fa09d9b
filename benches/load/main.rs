//! A load generator for the SCIM side: keep-alive callers that each wait for their answer.
//!
//! `load --url URL --token TOKEN [--ca FILE] [--callers N] [--seconds S] SCENARIO [ARGUMENT]` prints one
//! JSON line: how many a second, and the median and 99th percentile in milliseconds.

mod connection;
mod measure;
mod options;
mod scenario;

use std::process::ExitCode;

fn main() -> ExitCode {
    let done = options::Options::read().and_then(|options| {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(scenario::run(options))
    });
    match done {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("load: {error}");
            ExitCode::FAILURE
        }
    }
}
