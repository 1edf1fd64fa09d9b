//! Reads the source files, and tells code from comments and tests from the rest.

use std::fs;
use std::path::{Path, PathBuf};

/// One source file.
pub struct Source {
    /// Its path below the top level, with `/` between the parts.
    pub path: String,
    pub text: String,
}

impl Source {
    pub fn new(path: &str, text: &str) -> Source {
        Source { path: path.to_owned(), text: text.to_owned() }
    }

    /// Lines with their numbers, less their comments.
    pub fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(at, line)| (at + 1, without_comment(line)))
    }

    /// The module of the library that the file belongs to, such as `scim`.
    pub fn module(&self) -> Option<&str> {
        let rest = self.path.strip_prefix("src/")?;
        let first = rest.split('/').next().unwrap_or(rest);
        Some(first.strip_suffix(".rs").unwrap_or(first))
    }

    /// Whether a line belongs to tests: the file is theirs, or it comes after `#[cfg(test)]` and `mod tests {`.
    pub fn is_test(&self, line: usize) -> bool {
        if !self.path.starts_with("src/") {
            return true;
        }
        let parts: Vec<&str> = self.path.split('/').collect();
        let named = parts.iter().any(|part| matches!(*part, "tests.rs" | "tests" | "testing.rs" | "testing"));
        named || self.tests_begin().is_some_and(|begin| line >= begin)
    }

    fn tests_begin(&self) -> Option<usize> {
        let lines: Vec<&str> = self.text.lines().collect();
        let at =
            lines.windows(2).position(|pair| pair[0].trim() == "#[cfg(test)]" && pair[1].contains("mod "))?;
        Some(at + 1)
    }
}

/// The line up to `//`, unless that stands inside a string.
fn without_comment(line: &str) -> &str {
    let mut in_string = false;
    let bytes = line.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'"' if at == 0 || bytes[at - 1] != b'\\' => in_string = !in_string,
            b'/' if !in_string && bytes.get(at + 1) == Some(&b'/') => return &line[..at],
            _ => {}
        }
    }
    line
}

/// Every Rust file of the library, the tests and the benches.
pub fn read_sources() -> Vec<Source> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<PathBuf> = ["src", "tests", "benches"].iter().map(|name| top.join(name)).collect();
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(top).unwrap_or(&path).to_string_lossy().replace('\\', "/");
                sources.push(Source { path: name, text: fs::read_to_string(&path).unwrap_or_default() });
            }
        }
    }
    sources.sort_by(|left, right| left.path.cmp(&right.path));
    sources
}
