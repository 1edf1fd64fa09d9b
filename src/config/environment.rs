//! Reads the variables `ROSTERD_SECTION__KEY`.

use super::error::{Problem, Source};
use super::keys;
use super::load::Assignment;
use super::setting::Raw;

const PREFIX: &str = "ROSTERD_";

/// Read by the command line, or set by `dev` for the app it starts.
const NOT_KEYS: [&str; 5] =
    ["ROSTERD_CONFIG", "ROSTERD_URL", "ROSTERD_API_KEY", "ROSTERD_WEBHOOK_SECRET", "ROSTERD_TOKEN"];

/// The values in the environment, and the variables that look like ours and are no key.
pub fn read_environment(
    variables: impl Iterator<Item = (String, String)>,
) -> (Vec<Assignment>, Vec<Problem>) {
    let mut assignments = Vec::new();
    let mut problems = Vec::new();
    for (name, value) in variables {
        let Some(rest) = name.strip_prefix(PREFIX) else { continue };
        if NOT_KEYS.contains(&name.as_str()) || is_from_kubernetes(rest) {
            continue;
        }
        let key = rest.to_ascii_lowercase().replace("__", ".");
        let source = Source::Environment { name: name.clone() };
        let is_upper_case = rest.bytes().all(|byte| !byte.is_ascii_lowercase());
        if is_upper_case && keys::find(&key).is_some() {
            assignments.push(Assignment { name: key, raw: Raw::Untyped(value), source });
        } else {
            problems.push(Problem { source, message: unknown(&key), key });
        }
    }
    (assignments, problems)
}

fn unknown(key: &str) -> String {
    match keys::nearest(key) {
        Some(near) => format!("there is no key of this name; did you mean {}?", variable(near)),
        None => "there is no key of this name; `rosterd config show` lists them".to_owned(),
    }
}

/// The variable that sets a key.
pub fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "__").to_ascii_uppercase())
}

/// Kubernetes gives each container variables for the services beside it, and one of these may be
/// called rosterd.
fn is_from_kubernetes(rest: &str) -> bool {
    rest == "PORT" || rest.starts_with("PORT_") || rest.starts_with("SERVICE_")
}
