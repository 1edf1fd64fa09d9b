//! Follows the log of events by long polling, also through restarts of the daemon.

use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::base::limits;
use crate::base::time::Timestamp;
use crate::cli::client::{ApiPath, Client, ClientError};
use crate::cli::console::{Console, Form};
use crate::cli::error::CliError;
use crate::cli::lists::DirectoryNames;

use super::event_line;

/// Seconds for which the daemon may hold a request back when nothing happens.
const WAIT_SECS: u64 = 30;

/// Where reading goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Position {
    /// Nothing has happened yet.
    Beginning,
    Since(Timestamp),
    After(String),
}

/// How long to wait before trying again.
#[derive(Debug, Clone, Copy)]
pub struct Pauses {
    pub first: Duration,
    pub longest: Duration,
}

impl Default for Pauses {
    fn default() -> Self {
        Self { first: Duration::from_secs(1), longest: Duration::from_secs(limits::CLI_RETRY_SECS_MAX) }
    }
}

/// One reader of the log.
pub struct Tail {
    pub client: Client,
    /// The path with its filters.
    pub filtered: ApiPath,
    pub position: Position,
    pub names: DirectoryNames,
    pub pauses: Pauses,
}

/// The position after everything that has happened.
///
/// # Errors
///
/// [`ClientError`], as for all requests.
pub fn newest(client: &Client, filtered: &ApiPath) -> Result<Position, ClientError> {
    let page = client.get(&filtered.clone().with("order", "desc").with("limit", 1))?;
    let id = page.pointer("/data/0/id").and_then(Value::as_str);
    Ok(id.map_or(Position::Beginning, |id| Position::After(id.to_owned())))
}

impl Tail {
    /// Prints events until something ends it that waiting can't mend.
    pub fn follow(mut self, console: &mut Console) -> CliError {
        let mut pause = self.pauses.first;
        let mut is_away = false;
        loop {
            let asked = Instant::now();
            match self.client.get_waiting(&self.path(), Duration::from_secs(WAIT_SECS)) {
                Ok(page) => {
                    (pause, is_away) = (self.pauses.first, false);
                    let events =
                        page.get("data").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
                    if let Err(error) = self.print(events, console) {
                        return error;
                    }
                    // A daemon about to stop answers at once; asking it again and again would only keep it busy.
                    if events.is_empty() && asked.elapsed() < self.pauses.first {
                        sleep(self.pauses.first);
                    }
                }
                Err(error) if error.is_passing() => {
                    if !is_away {
                        console.say(&format!(
                            "The daemon at {} is away; going on where this stopped when it is back.",
                            self.client.target()
                        ));
                    }
                    is_away = true;
                    sleep(pause);
                    pause = (pause * 2).min(self.pauses.longest);
                }
                Err(error) => return error.into(),
            }
        }
    }

    fn path(&self) -> ApiPath {
        let path = self
            .filtered
            .clone()
            .with("order", "asc")
            .with("limit", limits::CLI_PAGE_MAX)
            .with("wait", WAIT_SECS);
        match &self.position {
            Position::Beginning => path,
            Position::Since(moment) => path.with("range_start", moment),
            Position::After(id) => path.with("after", id),
        }
    }

    fn print(&mut self, events: &[Value], console: &mut Console) -> Result<(), CliError> {
        for event in events {
            match console.form {
                Form::Json => console.json_line(event)?,
                Form::Text => {
                    let directory = self.directory(event);
                    console.line(&event_line(event, &directory))?;
                }
            }
            if let Some(id) = event.get("id").and_then(Value::as_str) {
                self.position = Position::After(id.to_owned());
            }
        }
        Ok(())
    }

    /// What the event's directory is called; one that is new is looked up once.
    fn directory(&mut self, event: &Value) -> String {
        let id = event.get("directory_id").and_then(Value::as_str).unwrap_or_default();
        if !self.names.knows(id) {
            if let Ok(names) = DirectoryNames::read(&self.client) {
                self.names = names;
            }
            if !self.names.knows(id) {
                self.names.accept(id);
            }
        }
        self.names.name(id)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::cli::client::testing::{Daemon, answer, request_lines};
    use crate::cli::console::testing::piped;
    use crate::cli::exit::Exit;

    use super::*;

    const INSTANT: Pauses = Pauses { first: Duration::ZERO, longest: Duration::ZERO };

    fn page(ids: &[&str]) -> String {
        let event = |id: &&str| json!({"id": id, "event": "dsync.activated", "directory_id": "directory_1"});
        let data: Vec<Value> = ids.iter().map(event).collect();
        answer("200 OK", &json!({"object": "list", "data": data, "list_metadata": {"after": null}}))
    }

    fn tail(daemon: &Daemon, position: Position) -> Tail {
        let mut names = DirectoryNames::default();
        names.accept("directory_1");
        Tail { client: daemon.client(), filtered: ApiPath::new("/events"), position, names, pauses: INSTANT }
    }

    #[test]
    fn it_goes_on_after_the_last_event_until_the_cursor_is_gone() {
        let gone = answer("410 Gone", &json!({"message": "Begin anew.", "code": "gone"}));
        let daemon =
            Daemon::scripted(vec![page(&["event_1", "event_2"]), page(&[]), page(&["event_3"]), gone]);
        let (mut console, out, err) = piped(Form::Json);
        let ended = tail(&daemon, Position::Beginning).follow(&mut console);
        assert_eq!(ended.to_string(), "Begin anew.");
        assert_eq!(out.text().matches("\"event_").count(), 3);
        assert_eq!(err.text(), "");
        let asked = daemon.asked();
        let expected = ["", "&after=event_2", "&after=event_2", "&after=event_3"]
            .map(|after| format!("GET /events?order=asc&limit=100&wait=30{after} HTTP/1.1"));
        assert_eq!(request_lines(&asked), expected);
    }

    #[test]
    fn a_restart_is_told_once_and_survived() {
        let busy = || answer("503 Service Unavailable", &json!({"message": "Stopping.", "code": "x"}));
        let denied = answer("401 Unauthorized", &json!({"message": "No.", "code": "unauthorized"}));
        let broken = String::new();
        let daemon = Daemon::scripted(vec![busy(), broken, busy(), page(&["event_1"]), denied]);
        let (mut console, out, err) = piped(Form::Text);
        let ended = tail(&daemon, Position::Since(Timestamp::from_millis(0))).follow(&mut console);
        assert!(matches!(&ended, CliError::Client(error) if error.exit() == Exit::NotAuthorised), "{ended}");
        assert_eq!(out.text().lines().count(), 1);
        assert_eq!(err.text().matches("is away").count(), 1);
        let asked = daemon.asked();
        assert!(request_lines(&asked)[3].contains("range_start=1970-01-01T00%3A00%3A00.000Z"));
    }
}
