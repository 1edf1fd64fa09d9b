//! Which module may name which, and which outside crate belongs where.

use crate::source::Source;

/// Lowest first. A module may name those of earlier rows; those of one row never name each other.
const LAYERS: &[&[&str]] = &[
    &["base"],
    &["config"],
    &["scim"],
    &["model"],
    &["store"],
    &["service"],
    &["web"],
    &["connect"],
    &["scim_api", "app_api", "portal", "console"],
    &["delivery", "idp"],
    &["server"],
    &["app"],
    &["cli"],
    &["lib", "main"],
];

/// Names that only these modules may write.
const FENCES: &[(&str, &[&str])] = &[
    ("rusqlite", &["store"]),
    ("hyper", &["web", "server", "cli", "idp"]),
    ("hyper_util", &["web", "server", "cli", "idp"]),
    // The fake providers are clients of any SCIM server and must not lean on the server they test.
    ("rustls", &["server", "web", "idp"]),
    ("tokio_rustls", &["server", "idp"]),
    ("rcgen", &["server"]),
    ("hyper_rustls", &["server", "web"]),
    ("instant_acme", &["server"]),
    // The upstreams to pull from listen themselves, on loopback, and must not lean on the server they are for.
    ("tokio::net", &["server", "web", "cli", "idp"]),
    ("figment", &["config"]),
    ("toml", &["config"]),
    ("toml_edit", &["config"]),
    ("clap", &["cli", "main"]),
    ("comfy_table", &["cli"]),
    ("indicatif", &["cli"]),
];

/// What the pure modules never touch: clocks, files, sockets.
const IMPURE: &[&str] = &["SystemTime::now", "Instant::now", "std::fs", "std::net::Tcp", "std::process"];
const PURE_MODULES: &[&str] = &["scim", "model"];

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|row| row.contains(&module))
}

/// Names of modules that lie above, or beside, the one that names them.
pub fn upward_names(source: &Source) -> Vec<String> {
    let Some(module) = source.module() else { return Vec::new() };
    let Some(own) = layer(module) else { return vec![format!("{}: {module} is in no layer", source.path)] };
    let mut complaints = Vec::new();
    for (line, code) in source.code() {
        for name in crate_names(code) {
            if name != module && layer(name).is_some_and(|other| other >= own) {
                complaints
                    .push(format!("{}:{line}: {module} names {name}, which is not below it", source.path));
            }
        }
    }
    complaints
}

/// The modules named right after `crate::` in a line, also those in braces.
fn crate_names(code: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for (at, found) in code.match_indices("crate::") {
        let rest = &code[at + found.len()..];
        match rest.strip_prefix('{') {
            Some(braces) => names.extend(top_level_names(braces)),
            None => names.push(word(rest)),
        }
    }
    names
}

/// The first word of each item between the outermost braces.
fn top_level_names(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let (mut depth, mut begins) = (0, true);
    for (at, letter) in text.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => begins = true,
            ' ' => {}
            _ if begins && depth == 0 => {
                names.push(word(&text[at..]));
                begins = false;
            }
            _ => {}
        }
    }
    names
}

fn word(text: &str) -> &str {
    let end = text.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(text.len());
    &text[..end]
}

/// Outside crates, and impure calls, where they don't belong.
pub fn crates_outside_their_fence(source: &Source) -> Vec<String> {
    let Some(module) = source.module() else { return Vec::new() };
    let mut complaints = Vec::new();
    for (line, code) in source.code().filter(|(line, _)| !source.is_test(*line)) {
        for (name, modules) in FENCES {
            if names_path(code, name) && !modules.contains(&module) {
                complaints.push(format!("{}:{line}: {name} belongs to {modules:?}", source.path));
            }
        }
        for name in IMPURE.iter().filter(|name| PURE_MODULES.contains(&module) && code.contains(**name)) {
            complaints.push(format!("{}:{line}: {module} is pure and must not use {name}", source.path));
        }
    }
    complaints
}

/// Whether the code names the path `name::…`, or for `a::b` also `a::{b, …}`.
fn names_path(code: &str, name: &str) -> bool {
    let written = code.match_indices(name).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = &code[at + name.len()..];
        let starts = before.is_none_or(|letter| !letter.is_alphanumeric() && letter != '_' && letter != ':');
        starts
            && (after.starts_with("::")
                || (code.contains("use ") && after.trim_start().starts_with([';', ',', '}'])))
    });
    let grouped = name.split_once("::").is_some_and(|(outer, inner)| {
        code.find(&format!("{outer}::{{"))
            .is_some_and(|at| top_level_names(&code[at + outer.len() + 3..]).contains(&inner))
    });
    written || grouped
}
