//! What this machine allows at most: group commit of the same rows without a daemon, and a bare hyper handler.
//!
//! `limits commit FOLDER CALLERS SECONDS` prints one JSON line; `limits bare` prints its address and
//! serves one fixed answer until its stdin closes.

mod bare;
mod commit;

use std::env;
use std::io;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).filter(|word| word != "--bench").collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["commit", folder, callers, seconds] => commit::run(folder, callers, seconds),
        ["bare"] => bare::run(),
        _ => Err(io::Error::other("usage: limits commit FOLDER CALLERS SECONDS | limits bare")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("limits: {error}");
            ExitCode::FAILURE
        }
    }
}
