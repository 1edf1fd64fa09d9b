//! The docs say what the code does: every limit and every deviation is listed, with its value.

use std::fs;
use std::path::Path;

use rosterd::idp::provider::PROVIDERS;
use rosterd::idp::scenario::Scenario;
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
    let (head, tail) = digits.split_at(digits.len().saturating_sub(3));
    if head.is_empty() { digits } else { format!("{head},{tail}") }
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
    assert!(missing("pub const A_MAX: usize = 1_000;\npub const B_BYTES_MAX: usize = 4 * 1024;", page).is_empty());
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

#[test]
fn every_fake_provider_and_scenario_is_listed() {
    let page = read("docs/fake-providers.md");
    let names = PROVIDERS.iter().map(|provider| provider.name()).chain(Scenario::ALL.map(Scenario::name));
    for name in names {
        assert!(page.contains(&format!("| `{name}` |")), "{name}");
    }
}
