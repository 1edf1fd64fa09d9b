//! Laws of PATCH, on generated users and operations.

use proptest::prelude::{BoxedStrategy, Strategy, prop_oneof, proptest};
use proptest::{collection, prop_assert, prop_assert_eq, sample};
use serde_json::{Map, Value, json};

use super::{Applied, MemberChange, apply, apply_members, parse};
use crate::scim::dialect::rewrite_patch;
use crate::scim::filter::laws::{emails, word};
use crate::scim::filter::{Filter, matches_value};
use crate::scim::resource::{self, MemberRef, Resource};
use crate::scim::schema::{standard, urn};
use crate::scim::{Error, Strictness};

fn user() -> BoxedStrategy<Resource> {
    (emails(), word())
        .prop_map(|(emails, department)| {
            let user = json!({
                "userName": "u", "active": true, "name": {"familyName": "F"}, "emails": emails,
                urn::ENTERPRISE_USER: {"department": department},
            });
            let schema = standard().user;
            let mut resource =
                resource::parse(user.as_object().expect("object"), &schema).expect("parsed").resource;
            resource::check(&schema, &mut resource).expect("a valid user");
            resource
        })
        .boxed()
}

fn email() -> BoxedStrategy<Value> {
    (word(), word(), sample::select(vec![json!(true), json!(false), json!(null)]))
        .prop_map(|(value, kind, primary)| json!({"value": value, "type": kind, "primary": primary}))
        .boxed()
}

fn path() -> BoxedStrategy<String> {
    let quoted = word().prop_map(|word| Value::from(word).to_string());
    prop_oneof![
        sample::select(
            &[
                "title",
                "TITLE",
                "name.givenName",
                "emails",
                "active",
                "nickName",
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"
            ][..]
        )
        .prop_map(str::to_owned),
        (quoted.clone(), sample::select(&["", ".value", ".type", ".primary", ".display"][..]))
            .prop_map(|(word, sub)| format!("emails[type eq {word}]{sub}")),
        (quoted, sample::select(&["", ".value", ".primary"][..]))
            .prop_map(|(word, sub)| format!("emails[value co {word} or primary eq true]{sub}")),
    ]
    .boxed()
}

fn operation() -> BoxedStrategy<Value> {
    (sample::select(&["add", "replace", "remove"][..]), path(), word(), email(), 0..12_u8)
        .prop_map(|(op, path, word, email, odd)| {
            let is_list = path == "emails";
            let lower = path.to_lowercase();
            let value = match () {
                () if odd == 0 => Value::Null,
                () if odd == 1 => json!(5),
                () if is_list => json!([email]),
                () if lower.ends_with("primary") || lower == "active" => json!(odd % 2 == 0),
                () if path.ends_with(']') => email,
                () => json!(word),
            };
            match op {
                "remove" => json!({"op": op, "path": path}),
                _ if odd == 2 && !path.contains('[') => json!({"op": op, "value": {path: value}}),
                _ => json!({"op": op, "path": path, "value": value}),
            }
        })
        .boxed()
}

fn body(operations: &[Value]) -> Map<String, Value> {
    let body = json!({"schemas": [urn::PATCH_OP], "Operations": operations});
    body.as_object().cloned().expect("object")
}

fn patched(user: &Resource, operations: &[Value], strictness: Strictness) -> Result<Applied, Error> {
    let schema = standard().user;
    let mut body = body(operations);
    if strictness == Strictness::Lenient {
        rewrite_patch(&mut body, &schema);
    }
    apply(&schema, "me", user, &parse(&body, &schema, strictness)?, strictness)
}

fn one_after_the_other(
    user: &Resource,
    operations: &[Value],
    strictness: Strictness,
) -> Result<Resource, Error> {
    let mut current = user.clone();
    for operation in operations {
        current = patched(&current, std::slice::from_ref(operation), strictness)?.resource;
    }
    Ok(current)
}

fn strictness() -> impl Strategy<Value = Strictness> {
    sample::select(&[Strictness::Strict, Strictness::Lenient][..])
}

fn primaries(user: &Resource) -> usize {
    let emails = user.attributes.get("emails").and_then(Value::as_array).into_iter().flatten();
    emails.filter(|email| email["primary"] == json!(true)).count()
}

proptest! {
    #[test]
    fn operations_together_do_what_they_do_one_by_one(
        user in user(), operations in collection::vec(operation(), 1..5), strictness in strictness(),
    ) {
        let together = patched(&user, &operations, strictness);
        let apart = one_after_the_other(&user, &operations, strictness);
        let types = (together.as_ref().err().is_some(), apart.as_ref().err().is_some());
        prop_assert_eq!(types.0, types.1, "{:?} {:?}", together, apart);
        if let (Ok(together), Ok(apart)) = (together, apart) {
            prop_assert_eq!(together.resource, apart);
        }
    }

    #[test]
    fn what_is_required_survives_and_nothing_has_two_primaries(
        user in user(), operations in collection::vec(operation(), 1..5), strictness in strictness(),
    ) {
        if let Ok(applied) = patched(&user, &operations, strictness) {
            prop_assert!(primaries(&applied.resource) <= 1);
            prop_assert_eq!(applied.resource.text("userName"), Some("u"));
            prop_assert!(applied.resource.attributes.get("active").is_some_and(Value::is_boolean));
            let mut checked = applied.resource.clone();
            prop_assert!(resource::check(&standard().user, &mut checked).is_ok());
            prop_assert_eq!(checked, applied.resource);
        }
    }

    #[test]
    fn the_same_replace_twice_is_one(user in user(), path in path(), word in word(), email in email()) {
        let value = match path.as_str() {
            "emails" => json!([email]),
            "active" => json!(false),
            path if path.ends_with("primary") => json!(true),
            path if path.ends_with(']') => email,
            _ => json!(word),
        };
        // A filter on what is written may select other values the second time.
        if !path.contains('[') || path.ends_with("primary") || path.ends_with("display") {
            let operation = json!({"op": "replace", "path": path, "value": value});
            if let Ok(once) = patched(&user, std::slice::from_ref(&operation), Strictness::Lenient) {
                let twice = patched(&once.resource, &[operation], Strictness::Lenient);
                prop_assert_eq!(twice.map(|twice| twice.resource), Ok(once.resource));
            }
        }
    }

    #[test]
    fn removing_twice_is_removing_once(user in user(), path in path()) {
        let operation = json!({"op": "remove", "path": path});
        let once = patched(&user, std::slice::from_ref(&operation), Strictness::Strict).expect("removed").resource;
        // Filters on the primary value and on what is removed select the same or nothing.
        let twice = patched(&once, &[operation], Strictness::Strict).expect("removed").resource;
        prop_assert_eq!(twice, once);
    }

    #[test]
    fn adding_what_is_there_changes_nothing(user in user()) {
        for (name, value) in &user.attributes {
            let operation = json!({"op": "add", "value": {name: value}});
            prop_assert_eq!(patched(&user, &[operation], Strictness::Strict).map(|applied| applied.resource), Ok(user.clone()));
        }
        let whole = json!({"op": "replace", "value": user.attributes});
        prop_assert_eq!(patched(&user, &[whole], Strictness::Strict).map(|applied| applied.resource), Ok(user.clone()));
    }

    #[test]
    fn adding_and_removing_a_fresh_value_restores(user in user()) {
        let operations = [
            json!({"op": "add", "path": "emails", "value": [{"value": "fresh@example.com", "type": "fresh"}]}),
            json!({"op": "remove", "path": "emails[value eq \"FRESH@example.com\"]"}),
            json!({"op": "add", "path": "nickName", "value": "fresh"}),
            json!({"op": "remove", "path": "nickName"}),
        ];
        prop_assert_eq!(patched(&user, &operations, Strictness::Strict).map(|applied| applied.resource), Ok(user));
    }

    #[test]
    fn remove_takes_what_the_filter_selects(user in user(), word in word(), op in sample::select(&["eq", "ne", "co", "gt"][..])) {
        let text = format!("emails[value {op} {} or type pr]", Value::from(word));
        let Ok(Filter::Values { filter, .. }) = crate::scim::filter::parse(&text, &standard().user) else { panic!("{text}") };
        let mut expected = user.clone();
        if let Some(Value::Array(emails)) = expected.attributes.get_mut("emails") {
            emails.retain(|email| !matches_value(&filter, email));
            if emails.is_empty() {
                expected.attributes.remove("emails");
            }
        }
        let operation = json!({"op": "remove", "path": text});
        prop_assert_eq!(patched(&user, &[operation], Strictness::Strict).map(|applied| applied.resource), Ok(expected));
    }

    #[test]
    fn path_case_and_urn_make_no_difference(user in user(), word in word(), op in sample::select(&["add", "replace"][..])) {
        let core = urn::USER;
        let expected = patched(&user, &[json!({"op": op, "path": "title", "value": word})], Strictness::Strict);
        for operation in [
            json!({"op": op, "value": {"title": word}}),
            json!({"op": op.to_uppercase(), "path": "TITLE", "value": word}),
            json!({"op": op, "path": format!("{core}:title"), "value": word}),
            json!({"op": op, "path": format!("{}:Title", core.to_uppercase()), "value": word}),
            json!({"op": op, "value": {format!("{core}:title"): word}}),
        ] {
            prop_assert_eq!(patched(&user, std::slice::from_ref(&operation), Strictness::Strict), expected.clone(), "{}", operation);
        }
    }

    #[test]
    fn member_changes_agree_with_a_set(steps in collection::vec((0..4_u8, collection::vec(0..6_u8, 0..4)), 0..8)) {
        let reference = |id: &u8| MemberRef { value: format!("m{id}"), kind: None };
        let mut model = std::collections::BTreeSet::new();
        let mut current = Vec::new();
        let changes: Vec<MemberChange> = steps
            .iter()
            .map(|(kind, ids)| {
                let all: Vec<MemberRef> = ids.iter().map(reference).collect();
                let names: Vec<String> = all.iter().map(|member| member.value.clone()).collect();
                match kind {
                    0 | 1 => {
                        model.extend(names);
                        MemberChange::Add(all)
                    }
                    2 => {
                        model.retain(|name| !names.contains(name));
                        MemberChange::Remove(names)
                    }
                    _ => {
                        model = names.into_iter().collect();
                        MemberChange::ReplaceAll(all)
                    }
                }
            })
            .collect();
        apply_members(&mut current, &changes);
        let mut left: Vec<String> = current.into_iter().map(|member| member.value).collect();
        left.sort();
        prop_assert_eq!(left, model.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn mutants_give_a_result_or_an_error(user in user(), mut operation in operation(), key in sample::select(&["op", "path", "value"][..]),
        odd in sample::select(vec![json!(null), json!(5), json!([[]]), json!({"": {}}), json!([{"value": {}}]), json!("\u{0}"), json!("urn:")]),
        strictness in strictness())
    {
        operation[key] = odd;
        let _ = patched(&user, &[operation], strictness);
    }
}
