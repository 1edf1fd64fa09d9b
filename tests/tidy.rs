//! Layers, fences, first lines and sizes of the source, held as data; each rule has a sample that it must catch.

#[path = "tidy/layers.rs"]
mod layers;
#[path = "tidy/rules.rs"]
mod rules;
#[path = "tidy/source.rs"]
mod source;

use source::{Source, read_sources};

/// Fails with every complaint that a rule has about the sources.
fn complain_about(sources: &[Source], rule: fn(&Source) -> Vec<String>) {
    let complaints: Vec<String> = sources.iter().flat_map(rule).collect();
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

/// Fails unless the rule complains about the sample exactly so often.
fn catches(rule: fn(&Source) -> Vec<String>, path: &str, text: &str, count: usize) {
    let complaints = rule(&Source::new(path, text));
    assert_eq!(complaints.len(), count, "{path}: {text:?}: {complaints:?}");
}

#[test]
fn there_are_sources_to_look_at() {
    assert!(read_sources().len() > 50);
}

#[test]
fn modules_name_only_what_lies_below_them() {
    complain_about(&read_sources(), layers::upward_names);
}

#[test]
fn an_upward_name_is_caught() {
    catches(layers::upward_names, "src/scim/x.rs", "use crate::store::Reader;", 1);
    catches(layers::upward_names, "src/scim/x.rs", "use crate::{base::id, service::{a, b}, web};", 2);
    catches(layers::upward_names, "src/app_api/x.rs", "let x = crate::scim_api::route();", 1);
    catches(layers::upward_names, "src/nowhere/x.rs", "", 1);
    catches(layers::upward_names, "src/store/x.rs", "use crate::base::id; // crate::cli is above", 0);
    catches(layers::upward_names, "src/cli/x.rs", "use crate::{app, base};", 0);
    catches(layers::upward_names, "src/web/x.rs", "use crate::web::Body;", 0);
}

#[test]
fn outside_crates_stay_behind_their_fences() {
    complain_about(&read_sources(), layers::crates_outside_their_fence);
}

#[test]
fn an_outside_crate_elsewhere_is_caught() {
    let rule = layers::crates_outside_their_fence;
    catches(rule, "src/service/x.rs", "use rusqlite::Connection;", 1);
    catches(rule, "src/scim_api/x.rs", "fn f(b: hyper::body::Incoming) {}", 1);
    catches(rule, "src/model/x.rs", "use tokio::net::TcpStream;", 1);
    catches(rule, "src/service/x.rs", "use tokio::{net, sync};", 1);
    catches(rule, "src/app_api/x.rs", "#[derive(clap::Parser)]", 1);
    catches(rule, "src/store/x.rs", "use rusqlite::Connection;", 0);
    catches(rule, "src/scim/x.rs", "use crate::scim::moment; // rusqlite::x", 0);
    catches(rule, "src/scim/x.rs", "let clock = std::time::SystemTime::now();", 1);
    catches(rule, "src/model/x.rs", "std::fs::read(path)", 1);
}

#[test]
fn every_file_says_what_it_is_for() {
    complain_about(&read_sources(), rules::first_line);
}

#[test]
fn a_file_without_a_first_line_is_caught() {
    catches(rules::first_line, "src/x.rs", "use std::fmt;\n", 1);
    catches(rules::first_line, "src/x.rs", "//! Does one thing.\n", 0);
    catches(rules::first_line, "src/x.rs", "//!\n", 1);
}

#[test]
fn files_are_short() {
    complain_about(&read_sources(), rules::file_length);
}

#[test]
fn a_long_file_is_caught() {
    catches(rules::file_length, "src/x.rs", &"// line\n".repeat(600), 0);
    catches(rules::file_length, "src/x.rs", &"// line\n".repeat(601), 1);
}

#[test]
fn functions_fit_one_screen() {
    complain_about(&read_sources(), rules::function_length);
}

#[test]
fn a_long_function_is_caught() {
    let body = |lines: usize| {
        format!("impl X {{\n    pub async fn f() {{\n{}    }}\n}}\n", "        g();\n".repeat(lines))
    };
    catches(rules::function_length, "src/x.rs", &body(68), 0);
    catches(rules::function_length, "src/x.rs", &body(69), 1);
    catches(rules::function_length, "src/x.rs", "fn short();\ntrait T {\n    fn f(&self) -> u8;\n}\n", 0);
}

#[test]
fn nothing_is_left_for_later() {
    complain_about(&read_sources(), rules::unfinished);
}

#[test]
fn unfinished_code_is_caught() {
    catches(rules::unfinished, "src/x.rs", concat!("fn f() { to", "do!() }"), 1);
    catches(rules::unfinished, "src/x.rs", concat!("// TO", "DO later"), 1);
    catches(rules::unfinished, "src/x.rs", concat!("unimple", "mented!()"), 1);
    catches(rules::unfinished, "src/x.rs", concat!("db", "g!(x)"), 1);
    catches(rules::unfinished, "src/x.rs", "let todos = 1;", 0);
}

#[test]
fn tests_never_sleep() {
    complain_about(&read_sources(), rules::sleeping_tests);
}

#[test]
fn a_sleeping_test_is_caught() {
    let sample = concat!("#[cfg(test)]\nmod tests {\n    fn f() { std::thread::sl", "eep(d); }\n}\n");
    catches(rules::sleeping_tests, "src/x.rs", sample, 1);
    catches(rules::sleeping_tests, "tests/x.rs", concat!("tokio::time::sl", "eep(d).await"), 1);
    catches(rules::sleeping_tests, "src/x.rs", concat!("tokio::time::sl", "eep(pause).await"), 0);
}

#[test]
fn nothing_unwraps_outside_tests() {
    complain_about(&read_sources(), rules::unwrapping);
}

#[test]
fn an_unwrap_is_caught() {
    catches(rules::unwrapping, "src/x.rs", "let x = f().unwrap();", 1);
    catches(rules::unwrapping, "src/x.rs", "#[cfg(test)]\nmod tests {\n    fn f() { g().unwrap(); }\n}\n", 0);
    let explained = "#[expect(clippy::unwrap_used, reason = \"x\")]\nlet x = f().unwrap();";
    catches(rules::unwrapping, "src/x.rs", explained, 0);
    catches(rules::unwrapping, "src/x/tests.rs", "g().unwrap();", 0);
    catches(rules::unwrapping, "src/x.rs", "// never .unwrap() here", 0);
}

#[test]
fn imports_name_what_they_take() {
    complain_about(&read_sources(), rules::glob_imports);
}

#[test]
fn a_glob_import_is_caught() {
    catches(rules::glob_imports, "src/x.rs", "use crate::base::*;", 1);
    catches(rules::glob_imports, "src/x.rs", "use std::fmt::{self, Display};", 0);
}
