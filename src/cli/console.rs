//! Where a command writes: data to stdout, words to stderr, as text or as JSON.

use std::env;
use std::io::{self, IsTerminal, Write};

use serde_json::Value;

use super::shown::safe_lines;
use super::table::Table;

/// What the data is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Text,
    Json,
}

impl Form {
    pub fn json_if(wanted: bool) -> Self {
        if wanted { Self::Json } else { Self::Text }
    }
}

/// The two streams of a command.
pub struct Console {
    pub form: Form,
    out: Box<dyn Write>,
    err: Box<dyn Write>,
    is_terminal: bool,
    has_colours: bool,
}

impl Console {
    /// The streams of this process.
    pub fn of_process() -> Self {
        let is_terminal = io::stdout().is_terminal();
        // https://no-color.org: set and not empty.
        let no_colour = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self {
            form: Form::Text,
            out: Box::new(io::stdout()),
            err: Box::new(io::stderr()),
            is_terminal,
            has_colours: is_terminal && !no_colour,
        }
    }

    /// A JSON value: on a terminal indented, in a pipe on one line.
    ///
    /// # Errors
    ///
    /// When stdout can't be written.
    pub fn json(&mut self, value: &Value) -> io::Result<()> {
        let text = if self.is_terminal { format!("{value:#}") } else { value.to_string() };
        self.line(&text)
    }

    /// A JSON value on one line, for streams of them.
    ///
    /// # Errors
    ///
    /// When stdout can't be written.
    pub fn json_line(&mut self, value: &Value) -> io::Result<()> {
        self.line(&value.to_string())
    }

    /// A table; nothing when it has no rows.
    ///
    /// # Errors
    ///
    /// When stdout can't be written.
    pub fn table(&mut self, table: &Table) -> io::Result<()> {
        if table.is_empty() {
            return Ok(());
        }
        let text = table.render(self.has_colours);
        self.line(&text)
    }

    /// One line of data, flushed, so that a pipe sees it at once.
    ///
    /// # Errors
    ///
    /// When stdout can't be written.
    pub fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{text}")?;
        self.out.flush()
    }

    /// Words for a person. A closed stderr is no reason to fail.
    pub fn say(&mut self, text: &str) {
        let _ = writeln!(self.err, "{}", safe_lines(text));
    }

    /// A question, without a line end.
    pub fn ask(&mut self, text: &str) {
        let _ = write!(self.err, "{}", safe_lines(text));
        let _ = self.err.flush();
    }
}

#[cfg(test)]
pub mod testing {
    //! A console that keeps what is written.

    use std::io::{self, Write};
    use std::sync::{Arc, Mutex, PoisonError};

    use super::{Console, Form};

    #[derive(Clone, Default)]
    pub struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Kept {
        pub fn text(&self) -> String {
            String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
        }
    }

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A console in a pipe, and its stdout and stderr.
    pub fn piped(form: Form) -> (Console, Kept, Kept) {
        let (out, err) = (Kept::default(), Kept::default());
        let console = Console {
            form,
            out: Box::new(out.clone()),
            err: Box::new(err.clone()),
            is_terminal: false,
            has_colours: false,
        };
        (console, out, err)
    }
}
