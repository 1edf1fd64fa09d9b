//! Rules on single files: first lines, lengths, leftovers, sleeping, unwrapping, globs.

use crate::source::Source;

const FILE_LINES_MAX: usize = 600;
const FUNCTION_LINES_MAX: usize = 70;

/// The first line says what the file is for.
pub fn first_line(source: &Source) -> Vec<String> {
    let first = source.text.lines().next().unwrap_or_default();
    match first.strip_prefix("//! ").is_some_and(|words| words.len() > 10) {
        true => Vec::new(),
        false => vec![format!("{}:1: the first line must be `//! ` and what the file is for", source.path)],
    }
}

/// No file is too long to read.
pub fn file_length(source: &Source) -> Vec<String> {
    let lines = source.text.lines().count();
    match lines <= FILE_LINES_MAX {
        true => Vec::new(),
        false => vec![format!("{}: {lines} lines, at most {FILE_LINES_MAX}", source.path)],
    }
}

/// No function is longer than a screen; its end is the first `}` at its own indentation.
pub fn function_length(source: &Source) -> Vec<String> {
    let lines: Vec<&str> = source.text.lines().collect();
    let mut complaints = Vec::new();
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| begins_function(line)) {
        let indent = line.len() - line.trim_start().len();
        let is_end =
            |text: &str| text.len() - text.trim_start().len() == indent && text.trim_start().starts_with('}');
        let is_signature =
            |text: &str| text.len() - text.trim_start().len() == indent && text.trim_end().ends_with(';');
        let ends = lines[at..]
            .iter()
            .position(|text| is_end(text) || is_signature(text) || text.trim_end().ends_with(" }"));
        let length = ends.map_or(0, |end| end + 1);
        if length > FUNCTION_LINES_MAX {
            complaints.push(format!(
                "{}:{}: {length} lines, at most {FUNCTION_LINES_MAX}",
                source.path,
                at + 1
            ));
        }
    }
    complaints
}

fn begins_function(line: &str) -> bool {
    let mut words = line.split_whitespace();
    words.find(|word| {
        !matches!(*word, "pub" | "pub(crate)" | "pub(super)" | "async" | "const" | "unsafe" | "extern")
    }) == Some("fn")
}

/// Nothing is marked as to be done later.
pub fn unfinished(source: &Source) -> Vec<String> {
    let marks = [
        concat!("to", "do!("),
        concat!("unimple", "mented!("),
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("db", "g!("),
        "#[ignore",
    ];
    let own = source.path.starts_with("tests/tidy/");
    let lines = source.text.lines().enumerate().filter(|_| !own);
    lines
        .filter_map(|(at, line)| marks.iter().find(|mark| line.contains(**mark)).map(|mark| (at, mark)))
        .map(|(at, mark)| format!("{}:{}: {mark}", source.path, at + 1))
        .collect()
}

/// Tests wait for signals; they don't sleep.
pub fn sleeping_tests(source: &Source) -> Vec<String> {
    let calls = [concat!("thread::sl", "eep("), concat!("time::sl", "eep("), concat!(" sl", "eep(")];
    let found = source.code().filter(|(line, code)| {
        source.is_test(*line)
            && !source.path.starts_with("benches/")
            && calls.iter().any(|call| code.contains(call))
    });
    found.map(|(line, _)| format!("{}:{line}: a test must not sleep", source.path)).collect()
}

/// Code outside tests handles what can fail, or says in an `#[expect]` with a reason why it can't.
pub fn unwrapping(source: &Source) -> Vec<String> {
    let lines: Vec<&str> = source.text.lines().collect();
    let is_explained = |line: usize| {
        let above = &lines[line.saturating_sub(4)..line - 1];
        above.iter().any(|text| text.contains("#[expect(clippy::unwrap_used, reason"))
    };
    let found = source
        .code()
        .filter(|(line, code)| code.contains(".unwrap()") && !source.is_test(*line) && !is_explained(*line));
    found.map(|(line, _)| format!("{}:{line}: unwrap outside tests", source.path)).collect()
}

/// Imports name what they take.
pub fn glob_imports(source: &Source) -> Vec<String> {
    let found = source.code().filter(|(line, code)| {
        let code = code.trim_start();
        let own_module = code == "use super::*;" && source.is_test(*line);
        !own_module
            && (code.starts_with("use ") || code.starts_with("pub use "))
            && code.contains("::*")
            && !code.contains("prelude::*")
    });
    found.map(|(line, _)| format!("{}:{line}: a glob import", source.path)).collect()
}
