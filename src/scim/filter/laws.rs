//! Laws of filters, on generated filters and resources.

use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof, proptest};
use proptest::{collection, option, prop_assert, prop_assert_eq, sample};
use serde_json::{Map, Value, json};

use super::{Filter, candidates, matches, matches_value, parse};
use crate::base::text::fold;
use crate::scim::filter::IndexKey;
use crate::scim::schema::standard;

/// Few words, so that filters and resources meet; some are traps.
pub(in crate::scim) fn word() -> BoxedStrategy<String> {
    const WORDS: [&str; 15] =
        ["a", "A", "ab", "b", "work", "home", "Zoë", "ZOË", "%", "a_b", "a\"b", "\\", "*", " a", "é("];
    prop_oneof![8 => sample::select(&WORDS[..]).prop_map(str::to_owned), 1 => "\\PC{0,6}"].boxed()
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn name() -> impl Strategy<Value = &'static str> {
    sample::select(
        &[
            "userName",
            "title",
            "NAME.givenName",
            "emails",
            "emails.type",
            "displayName",
            "urn:ietf:params:scim:schemas:core:2.0:User:nickName",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
            "urn:x:y:Z:open",
        ][..],
    )
}

fn operator() -> impl Strategy<Value = &'static str> {
    sample::select(&["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "Eq", "NE"][..])
}

fn term() -> BoxedStrategy<String> {
    let inner = sample::select(&["type", "value", "VALUE"][..]);
    prop_oneof![
        6 => (name(), operator(), word()).prop_map(|(name, op, word)| format!("{name} {op} {}", quoted(&word))),
        1 => name().prop_map(|name| format!("{name} pr")),
        1 => name().prop_map(|name| format!("{name} eq null")),
        1 => any::<bool>().prop_map(|value| format!("active ne {value}")),
        1 => Just("emails[primary eq true]".to_owned()),
        2 => (inner, operator(), word(), operator(), word()).prop_map(|(inner, op, word, other_op, other)| {
            format!("emails[{inner} {op} {} or not (type {other_op} {})]", quoted(&word), quoted(&other))
        }),
    ]
    .boxed()
}

fn text() -> BoxedStrategy<String> {
    term()
        .prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                inner.clone().prop_map(|inner| format!("not ({inner})")),
                inner.clone().prop_map(|inner| format!("({inner})")),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} and {b}")),
                (inner.clone(), inner).prop_map(|(a, b)| format!("{a} or {b}")),
            ]
        })
        .boxed()
}

pub(in crate::scim) fn emails() -> BoxedStrategy<Vec<Value>> {
    let email = (word(), option::of(word()), option::of(any::<bool>())).prop_map(|(value, kind, primary)| {
        let mut email = json!({"value": value});
        if let Some(kind) = kind {
            email["type"] = kind.into();
        }
        if let Some(primary) = primary {
            email["primary"] = primary.into();
        }
        email
    });
    collection::vec(email, 0..4).boxed()
}

fn resource() -> BoxedStrategy<Map<String, Value>> {
    let texts = collection::vec(option::of(word()), 5);
    (word(), texts, option::of(any::<bool>()), emails())
        .prop_map(|(user_name, texts, active, emails)| {
            let mut resource = Map::new();
            resource.insert("userName".to_owned(), user_name.into());
            let names = ["title", "displayName", "nickName"];
            for (name, text) in names.iter().zip(&texts) {
                resource.extend(text.clone().map(|text| ((*name).to_owned(), Value::from(text))));
            }
            if let Some(text) = &texts[3] {
                resource.insert("name".to_owned(), json!({"givenName": text}));
            }
            if let Some(text) = &texts[4] {
                let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
                resource.insert(urn.to_owned(), json!({"department": text}));
                resource.insert("urn:x:y:Z".to_owned(), json!({"Open": [text, "a"]}));
            }
            resource.extend(active.map(|active| ("active".to_owned(), Value::from(active))));
            if !emails.is_empty() {
                resource.insert("emails".to_owned(), Value::Array(emails));
            }
            resource
        })
        .boxed()
}

fn parsed(text: &str) -> Filter {
    parse(text, &standard().user).expect(text)
}

fn holds(text: &str, resource: &Map<String, Value>) -> bool {
    matches(&parsed(text), resource)
}

/// The look-ups that would find the resource.
fn keys_of(resource: &Map<String, Value>) -> Vec<IndexKey> {
    let text = |name: &str| resource.get(name).and_then(Value::as_str).map(fold);
    let emails = resource.get("emails").and_then(Value::as_array).into_iter().flatten();
    let emails = emails.filter_map(|email| email["value"].as_str()).map(|email| IndexKey::Email(fold(email)));
    text("userName")
        .map(IndexKey::UserName)
        .into_iter()
        .chain(text("displayName").map(IndexKey::DisplayName))
        .chain(emails)
        .collect()
}

proptest! {
    #[test]
    fn a_printed_filter_parses_to_itself(text in text()) {
        let filter = parsed(&text);
        prop_assert_eq!(parsed(&filter.to_string()), filter);
    }

    #[test]
    fn negation_and_de_morgan(a in text(), b in text(), resource in resource()) {
        let (is_a, is_b) = (holds(&a, &resource), holds(&b, &resource));
        prop_assert_eq!(holds(&format!("not (not ({a}))"), &resource), is_a);
        prop_assert_eq!(holds(&format!("not (({a}) and ({b}))"), &resource), !is_a || !is_b);
        prop_assert_eq!(holds(&format!("not (({a}) or ({b}))"), &resource), !is_a && !is_b);
        let either = format!("({a}) or not ({a})");
        prop_assert!(holds(&either, &resource));
    }

    #[test]
    fn and_binds_tighter_than_or(a in term(), b in term(), c in term(), resource in resource()) {
        prop_assert_eq!(
            holds(&format!("{a} or {b} and {c}"), &resource),
            holds(&format!("{a} or ({b} and {c})"), &resource)
        );
        prop_assert_eq!(
            holds(&format!("{a} and {b} or {c}"), &resource),
            holds(&format!("({a} and {b}) or {c}"), &resource)
        );
    }

    #[test]
    fn operators_imply_one_another(name in name(), word in word(), resource in resource()) {
        let holds = |operator: &str| holds(&format!("{name} {operator} {}", quoted(&word)), &resource);
        for (operator, implied) in
            [("sw", "co"), ("ew", "co"), ("eq", "sw"), ("eq", "ew"), ("eq", "ge"), ("eq", "le"), ("gt", "ge"), ("lt", "le")]
        {
            prop_assert!(!holds(operator) || holds(implied), "{operator} without {implied}");
        }
        if !name.starts_with("emails") && !name.starts_with("urn:x") {
            prop_assert_eq!(holds("eq"), !holds("ne"));
            let is_present = super::matches(&parsed(&format!("{name} ne null")), &resource);
            prop_assert!(!is_present || holds("gt") != holds("le"));
            prop_assert!(is_present || word.is_empty() || !(holds("gt") || holds("le") && resource.is_empty()));
        }
    }

    #[test]
    fn brackets_imply_the_same_without_them(op in operator(), word in word(), resource in resource()) {
        for sub in ["type", "value"] {
            let operand = quoted(&word);
            let bracketed = holds(&format!("emails[{sub} {op} {operand}]"), &resource);
            prop_assert_eq!(holds(&format!("emails.{sub} {op} {operand}"), &resource), bracketed);
        }
    }

    #[test]
    fn brackets_select_the_values_that_match(op in operator(), word in word(), emails in emails()) {
        let Filter::Values { filter, .. } = parsed(&format!("emails[value {op} {}]", quoted(&word))) else {
            panic!("a value path");
        };
        let is_any = emails.iter().any(|email| matches_value(&filter, email));
        let resource = Map::from_iter([("emails".to_owned(), Value::Array(emails))]);
        let filter = Filter::Values { attribute: parsed_path(), filter };
        prop_assert_eq!(matches(&filter, &resource), is_any);
    }

    #[test]
    fn indexed_and_scanned_plans_agree(text in text(), resource in resource()) {
        let filter = parsed(&text);
        if let (true, Some(keys)) = (matches(&filter, &resource), candidates(&filter)) {
            let known = keys_of(&resource);
            prop_assert!(keys.iter().any(|key| known.contains(key)), "{text}: {keys:?}");
        }
    }

    #[test]
    fn any_text_gives_a_filter_or_an_error(text in "\\PC{0,40}", mutant in text(), at in 0..40_usize, byte in "\\PC") {
        let _ = parse(&text, &standard().user);
        let mut mutant: Vec<char> = mutant.chars().collect();
        let at = at.min(mutant.len());
        mutant.splice(at..at, byte.chars());
        let _ = parse(&mutant.iter().collect::<String>(), &standard().user);
    }
}

fn parsed_path() -> super::AttributePath {
    match parsed("emails pr") {
        Filter::Present(path) => path,
        other => panic!("{other}"),
    }
}
