//! The docs say what the code does: every limit, deviation, provider and transcript is listed as it
//! is, every page is in the index, and no link leads nowhere.

use std::fs;
use std::path::Path;

use rosterd::idp::provider::PROVIDERS;
use rosterd::idp::scenario::Scenario;
use rosterd::model::alarm::AlarmKind;
use rosterd::model::provider::Provider;
use rosterd::scim::dialect::Rule;

fn read(path: &str) -> String {
    let whole = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&whole).unwrap_or_else(|error| panic!("{}: {error}", whole.display()))
}

/// The product of the factors of a constant such as `4 * 1024 * 1024` or `1_000`.
fn product(expression: &str) -> u64 {
    let factors = expression.split('*').map(|factor| factor.trim().replace('_', ""));
    factors.map(|factor| factor.parse::<u64>().expect("a number")).product()
}

fn shown(name: &str, value: u64) -> String {
    if name.contains("BYTES") {
        return match (value % (1 << 20), value % (1 << 10)) {
            (0, _) => format!("{} MiB", value >> 20),
            (_, 0) => format!("{} KiB", value >> 10),
            _ => format!("{value} bytes"),
        };
    }
    if name.contains("SECS") {
        return format!("{value} s");
    }
    let digits = value.to_string();
    let groups = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join(",")
}

/// Limits of the source that the page lacks, or shows with another value.
fn missing(source: &str, page: &str) -> Vec<String> {
    let constants = source.lines().filter_map(|line| line.strip_prefix("pub const "));
    let mut missing = Vec::new();
    for constant in constants {
        let (name, rest) = constant.split_once(':').expect("a name");
        let value = rest.split_once('=').expect("a value").1.trim().trim_end_matches(';');
        let row = format!("| `{name}` | {} |", shown(name, product(value)));
        if !page.contains(&row) {
            missing.push(row);
        }
    }
    missing
}

#[test]
fn every_limit_is_listed_with_its_value() {
    assert_eq!(missing(&read("src/base/limits.rs"), &read("docs/limits.md")), Vec::<String>::new());
}

#[test]
fn a_limit_that_is_not_listed_or_differs_is_found() {
    let page = "| `A_MAX` | 1,000 | x |\n| `B_BYTES_MAX` | 4 KiB | x |";
    assert!(
        missing("pub const A_MAX: usize = 1_000;\npub const B_BYTES_MAX: usize = 4 * 1024;", page).is_empty()
    );
    assert_eq!(missing("pub const A_MAX: usize = 1_001;", page).len(), 1);
    assert_eq!(missing("pub const C_SECS_MAX: u64 = 5;", page), ["| `C_SECS_MAX` | 5 s |"]);
}

#[test]
fn every_deviation_is_listed() {
    let page = read("docs/deviations.md");
    for rule in Rule::all() {
        assert!(page.contains(&format!("| `{}` | {} |", rule.name(), rule.explain())), "{}", rule.name());
    }
}

/// The text outside fenced blocks and code spans: what a reader sees as prose, links included.
fn prose(page: &str) -> String {
    let mut text = String::new();
    let mut is_fenced = false;
    for line in page.lines() {
        if line.trim_start().starts_with("```") {
            is_fenced = !is_fenced;
        } else if !is_fenced {
            // Every other piece between backticks is a code span.
            let outside = line.split('`').step_by(2).collect::<Vec<_>>();
            text.push_str(&outside.join("`"));
            text.push('\n');
        }
    }
    text
}

/// The targets of a page's links.
fn links(page: &str) -> Vec<String> {
    let text = prose(page);
    let ends = text.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    ends.map(|(target, _)| target.to_owned()).collect()
}

/// The anchors of a page's headings, made as the usual viewers of Markdown make them.
fn anchors(page: &str) -> Vec<String> {
    let headings = page.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let title = line.trim_start_matches('#').trim().to_lowercase();
            let kept = title.chars().filter(|letter| letter.is_alphanumeric() || "-_ ".contains(*letter));
            kept.map(|letter| if letter == ' ' { '-' } else { letter }).collect()
        })
        .collect()
}

/// Links of a page in `folder` that lead to no file of this project, or to no heading in it.
fn broken(folder: &str, page: &str) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let is_broken = |link: &String| {
        let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
        let target = root.join(folder).join(path);
        if !path.is_empty() && !target.exists() {
            return true;
        }
        let text = || {
            if path.is_empty() { page.to_owned() } else { fs::read_to_string(&target).unwrap_or_default() }
        };
        !anchor.is_empty() && !anchors(&text()).iter().any(|known| known == anchor)
    };
    links(page).into_iter().filter(|link| !link.contains("://")).filter(is_broken).collect()
}

/// The pages of the docs, without their folder.
fn pages() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let entries = fs::read_dir(folder).expect("the docs").map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<String> = entries.map(|name| name.into_string().expect("a name")).collect();
    names.retain(|name| Path::new(name).extension().is_some_and(|extension| extension == "md"));
    names.sort();
    names
}

#[test]
fn no_link_leads_nowhere() {
    let mut wrong: Vec<String> = broken("", &read("README.md"));
    for name in pages() {
        let page = read(&format!("docs/{name}"));
        wrong.extend(broken("docs", &page).into_iter().map(|link| format!("docs/{name}: {link}")));
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    let page = "# A heading, here\n[a](limits.md) [b](#a-heading-here) [c](https://example.com/x)\n";
    assert_eq!(broken("docs", page), Vec::<String>::new());
    assert_eq!(broken("docs", "[a](no-such-page.md)"), ["no-such-page.md"]);
    assert_eq!(
        broken("docs", "[a](limits.md#no-such-heading) [b](#nor-this)"),
        ["limits.md#no-such-heading", "#nor-this"]
    );
    assert_eq!(broken("docs", "`[a](code.md)`\n```\n[b](code.md)\n```\n"), Vec::<String>::new());
}

#[test]
fn every_page_is_in_the_index() {
    let listed = links(&read("docs/README.md"));
    let missing: Vec<String> =
        pages().into_iter().filter(|name| name != "README.md" && !listed.contains(name)).collect();
    assert_eq!(missing, Vec::<String>::new(), "add a line about each to docs/README.md");
}

/// Providers without a row that begins with a link to their page, or without one that says what was checked.
fn unlisted(page: &str) -> Vec<&'static str> {
    let is_listed = |name: &str| {
        let behaves =
            page.lines().any(|line| line.starts_with("| [") && line.contains(&format!(" | `{name}` | ")));
        behaves && page.lines().any(|line| line.starts_with(&format!("| `{name}` | ")))
    };
    Provider::ALL.into_iter().map(Provider::name).filter(|name| !is_listed(name)).collect()
}

#[test]
fn every_provider_has_its_rows_and_a_page() {
    assert_eq!(unlisted(&read("docs/providers.md")), Vec::<&str>::new());
}

#[test]
fn a_provider_without_its_rows_is_found() {
    let page = read("docs/providers.md");
    let without = |part: &str| -> String {
        page.lines().filter(|line| !line.contains(part)).map(|line| format!("{line}\n")).collect()
    };
    assert_eq!(unlisted(&without(" | `okta` | ")), ["okta"]);
    assert_eq!(unlisted(&without("| `entra` | ")), ["entra"]);
}

/// Transcripts that the page lacks, or lists with another provenance.
fn unlisted_transcripts(page: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/providers/transcripts");
    let mut rows = Vec::new();
    for entry in fs::read_dir(folder).expect("the transcripts") {
        let path = entry.expect("an entry").path();
        let text = fs::read_to_string(&path).expect("a transcript");
        let transcript: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let provenance = match transcript["provenance"].as_str() {
            Some("reconstructed from docs") => "reconstructed",
            Some(word) => word,
            None => "missing",
        };
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        rows.push(format!("| `{name}` | {provenance} |"));
    }
    rows.retain(|row| !page.contains(row.as_str()));
    rows
}

#[test]
fn every_transcript_is_listed_with_its_provenance() {
    let page = read("docs/providers.md");
    assert_eq!(unlisted_transcripts(&page), Vec::<String>::new());
    let flattered = page.replace(
        "| `ping-01-user-lifecycle-put` | reconstructed |",
        "| `ping-01-user-lifecycle-put` | recorded |",
    );
    assert_eq!(unlisted_transcripts(&flattered), ["| `ping-01-user-lifecycle-put` | reconstructed |"]);
}

#[test]
fn every_alarm_is_explained() {
    let page = read("docs/lifecycle.md");
    for kind in AlarmKind::ALL {
        let row = format!("| `{}` | {} | {} |", kind.name(), kind.meaning(), kind.next_step());
        assert!(page.contains(&row), "{row}");
    }
}

#[test]
fn every_fake_provider_and_scenario_is_listed() {
    let page = read("docs/fake-providers.md");
    let names = PROVIDERS.iter().map(|provider| provider.name()).chain(Scenario::ALL.map(Scenario::name));
    for name in names {
        assert!(page.contains(&format!("| `{name}` |")), "{name}");
    }
}
