//! What the commands that print lists share: how much is wanted, and the names of directories.

use std::collections::HashMap;

use clap::Args;
use serde_json::Value;

use super::client::{ApiPath, Client, ClientError, Listing, Wanted};
use super::console::{Console, Form};
use super::error::CliError;
use super::shown::{ABSENT, safe};
use super::table::{Column, Table};

/// How much of a list is printed when nothing is said.
const LIMIT_DEFAULT: usize = 20;

#[derive(Debug, Clone, Args)]
pub struct ListArgs {
    /// Print at most so many
    #[arg(long, value_name = "N", default_value_t = LIMIT_DEFAULT, value_parser = limit)]
    limit: usize,
    /// Print all, however many
    #[arg(long, conflicts_with = "limit")]
    all: bool,
}

fn limit(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("take a whole number from 1, or --all".to_owned()),
        Ok(number) => Ok(number),
    }
}

impl ListArgs {
    pub fn wanted(&self) -> Wanted {
        if self.all { Wanted::All } else { Wanted::AtMost(self.limit) }
    }
}

/// Prints a list as a table or as a JSON array; says on stderr when there is nothing, or more.
pub fn print(
    console: &mut Console,
    listing: &Listing,
    columns: &[Column],
    when_empty: &str,
) -> Result<(), CliError> {
    match console.form {
        Form::Json => console.json(&Value::Array(listing.objects.clone()))?,
        Form::Text => {
            console.table(&Table::of(columns, &listing.objects))?;
            if listing.objects.is_empty() {
                console.say(when_empty);
            }
        }
    }
    say_if_more(console, listing);
    Ok(())
}

/// Says on stderr that the list goes on.
pub fn say_if_more(console: &mut Console, listing: &Listing) {
    if listing.has_more {
        console.say("There are more: see them with --limit N or --all.");
    }
}

/// The key under which each object of a list gets the name of its directory.
pub const DIRECTORY_NAME: &str = "_directory";

/// Directories by id, as their external keys: what people call them.
#[derive(Debug, Default)]
pub struct DirectoryNames {
    by_id: HashMap<String, String>,
}

impl DirectoryNames {
    /// # Errors
    ///
    /// [`ClientError`], as for all requests.
    pub fn read(client: &Client) -> Result<Self, ClientError> {
        let mut names = Self::default();
        for directory in client.list(&ApiPath::new("/directories"), Wanted::All)?.objects {
            let text = |key: &str| directory.get(key).and_then(Value::as_str).map(str::to_owned);
            if let (Some(id), Some(key)) = (text("id"), text("external_key")) {
                names.by_id.insert(id, key);
            }
        }
        Ok(names)
    }

    /// The external key of a directory, or its id when it is gone.
    pub fn name(&self, id: &str) -> String {
        safe(self.by_id.get(id).map_or(id, String::as_str))
    }

    pub fn knows(&self, id: &str) -> bool {
        self.by_id.contains_key(id)
    }

    /// Remembers that a directory is called by its id alone.
    pub fn accept(&mut self, id: &str) {
        self.by_id.insert(id.to_owned(), id.to_owned());
    }

    /// Gives each object of a list that is going to be a table the name of its directory.
    pub fn add_to(&self, listing: &mut Listing) {
        for object in &mut listing.objects {
            let name = match object.get("directory_id").and_then(Value::as_str) {
                Some(id) => self.name(id),
                None => ABSENT.to_owned(),
            };
            if let Value::Object(object) = object {
                object.insert(DIRECTORY_NAME.to_owned(), name.into());
            }
        }
    }
}

/// Reads a list and, for a table, the names of the directories in it.
///
/// # Errors
///
/// [`ClientError`], as for all requests.
pub fn read_with_directories(
    client: &Client,
    console: &Console,
    path: &ApiPath,
    wanted: Wanted,
) -> Result<Listing, ClientError> {
    let mut listing = client.list(path, wanted)?;
    if console.form == Form::Text && !listing.objects.is_empty() {
        DirectoryNames::read(client)?.add_to(&mut listing);
    }
    Ok(listing)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::cli::console::testing::piped;
    use crate::cli::shown::text;

    use super::*;

    const COLUMNS: &[Column] = &[Column { title: "ID", cell: |object| text(object, "/id") }];

    fn listing(has_more: bool) -> Listing {
        Listing { objects: vec![json!({"id": "a"})], has_more }
    }

    #[test]
    fn a_list_that_goes_on_says_so_on_stderr() {
        let (mut console, out, err) = piped(Form::Text);
        assert!(print(&mut console, &listing(true), COLUMNS, "None.").is_ok());
        assert_eq!(out.text(), "ID\na\n");
        assert_eq!(err.text(), "There are more: see them with --limit N or --all.\n");
    }

    #[test]
    fn an_empty_list_prints_words_or_an_empty_array() {
        let empty = Listing { objects: Vec::new(), has_more: false };
        let (mut console, out, err) = piped(Form::Text);
        assert!(print(&mut console, &empty, COLUMNS, "None.").is_ok());
        assert_eq!((out.text(), err.text()), (String::new(), "None.\n".to_owned()));
        let (mut console, out, err) = piped(Form::Json);
        assert!(print(&mut console, &empty, COLUMNS, "None.").is_ok());
        assert_eq!((out.text(), err.text()), ("[]\n".to_owned(), String::new()));
    }
}
