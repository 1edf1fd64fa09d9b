//! The command line of the load generator.

use std::env;
use std::io;
use std::time::Duration;

/// Whom to ask, how, and for how long.
#[derive(Clone)]
pub struct Options {
    pub url: String,
    pub token: String,
    pub ca: Option<String>,
    pub callers: usize,
    pub duration: Duration,
    pub scenario: String,
    pub argument: String,
}

impl Options {
    /// Reads the process's arguments.
    pub fn read() -> io::Result<Options> {
        let mut options = Options {
            url: String::new(),
            token: String::new(),
            ca: None,
            callers: 1,
            duration: Duration::from_secs(5),
            scenario: String::new(),
            argument: String::new(),
        };
        let mut words = env::args().skip(1).filter(|word| word != "--bench");
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| io::Error::other(format!("{word} wants a value")));
            match word.as_str() {
                "--url" => options.url = value()?,
                "--token" => options.token = value()?,
                "--ca" => options.ca = Some(value()?),
                "--callers" => options.callers = value()?.parse().map_err(io::Error::other)?,
                "--seconds" => {
                    options.duration = Duration::from_secs(value()?.parse().map_err(io::Error::other)?)
                }
                _ if options.scenario.is_empty() => options.scenario = word,
                _ => options.argument = word,
            }
        }
        if options.url.is_empty() || options.scenario.is_empty() {
            return Err(io::Error::other("usage: load --url URL --token TOKEN SCENARIO [ARGUMENT]"));
        }
        Ok(options)
    }
}
