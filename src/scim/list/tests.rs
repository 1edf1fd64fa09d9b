//! Tests of list requests and answers.

use serde_json::{Value, json};

use super::{ListQuery, ListResponse, Page};
use crate::base::limits::{PAGE_RESOURCES_DEFAULT, PAGE_RESOURCES_MAX};
use crate::scim::schema::urn;
use crate::scim::{Error, ScimType};

fn query(text: &str) -> Result<ListQuery, Error> {
    let pairs: Vec<(String, String)> = text
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    ListQuery::from_pairs(&pairs)
}

fn search(body: Value) -> Result<ListQuery, Error> {
    ListQuery::from_search(body.as_object().expect("an object"))
}

fn nothing() -> ListQuery {
    ListQuery {
        filter: None,
        sort_by: None,
        sort_order: None,
        page: Page::Index(1),
        count: PAGE_RESOURCES_DEFAULT,
        attributes: None,
        excluded_attributes: None,
    }
}

#[test]
fn paging_parameters_are_read_leniently_and_bounded() {
    let page =
        |text: &str| query(text).map(|query| (query.page, query.count)).map_err(|error| error.scim_type);
    let max = PAGE_RESOURCES_MAX;
    let default = PAGE_RESOURCES_DEFAULT;
    let cursor = |text: &str| Page::Cursor(text.to_owned());
    let cases = [
        ("", Ok((Page::Index(1), default))),
        ("startIndex=0&count=0", Ok((Page::Index(1), 0))),
        ("startIndex=-5&count=-1", Ok((Page::Index(1), 0))),
        ("STARTINDEX=11&Count=10", Ok((Page::Index(11), 10))),
        ("count=1000", Ok((Page::Index(1), max))),
        ("count=1001", Ok((Page::Index(1), max))),
        ("count=99999999999999999999999", Ok((Page::Index(1), max))),
        ("startIndex=99999999999999999999999", Ok((Page::Index(2_147_483_647), default))),
        ("startIndex=&count=", Ok((Page::Index(1), default))),
        ("count=ten", Err(ScimType::InvalidValue)),
        ("count=1.5", Err(ScimType::InvalidValue)),
        ("count=-", Err(ScimType::InvalidValue)),
        ("startIndex=one", Err(ScimType::InvalidValue)),
        ("cursor&count=5", Ok((Page::FirstOfCursor, 5))),
        ("cursor=&count=0", Ok((Page::FirstOfCursor, 0))),
        ("cursor=abc", Ok((cursor("abc"), default))),
        ("cursor=abc&count=x", Err(ScimType::InvalidCount)),
        ("cursor=abc&startIndex=1", Err(ScimType::InvalidValue)),
        ("cursor&startIndex=1", Err(ScimType::InvalidValue)),
        ("count=1&count=2", Err(ScimType::InvalidValue)),
        ("count=1&count=1", Ok((Page::Index(1), 1))),
    ];
    for (text, expected) in cases {
        assert_eq!(page(text), expected, "{text}");
    }
}

#[test]
fn texts_are_taken_as_they_are_and_lists_are_joined() {
    let expected = ListQuery {
        filter: Some(" userName eq \"a\"".into()),
        sort_by: Some("title".into()),
        sort_order: Some("descending".into()),
        attributes: Some("a,b,c".into()),
        ..nothing()
    };
    let text =
        "filter= userName eq \"a\"&sortBy=title&sortorder=descending&attributes=a,b&Attributes=c&other=1";
    assert_eq!(query(text), Ok(expected));
    assert_eq!(query("sortBy= &attributes=&excludedAttributes="), Ok(nothing()));
    assert!(query("filter= ").is_err(), "an empty filter is no \"everything\"");
    assert!(query("filter=a&filter=b").is_err());
}

#[test]
fn a_search_body_says_the_same_as_a_query_string() {
    let cases = [
        (json!({}), ""),
        (json!({"schemas": [urn::SEARCH_REQUEST], "startIndex": 3, "count": 7}), "startIndex=3&count=7"),
        (json!({"count": "7"}), "count=7"),
        (json!({"COUNT": -7, "filter": null}), "count=-7"),
        (json!({"count": 99_999_999_999_u64}), "count=99999999999"),
        (json!({"attributes": ["a", "b"]}), "attributes=a,b"),
        (json!({"excludedAttributes": "a,b"}), "excludedAttributes=a,b"),
        (json!({"attributes": []}), ""),
        (json!({"cursor": "", "filter": "a pr"}), "cursor=&filter=a pr"),
        (json!({"cursor": "abc"}), "cursor=abc"),
    ];
    for (body, text) in cases {
        assert_eq!(search(body.clone()), query(text), "{body}");
    }
}

#[test]
fn a_search_body_of_another_shape_is_refused() {
    let cases = [
        (json!({"schemas": [urn::PATCH_OP]}), ScimType::InvalidSyntax),
        (json!({"schemas": "x"}), ScimType::InvalidSyntax),
        (json!({"count": 1, "Count": 2}), ScimType::InvalidSyntax),
        (json!({"count": 1.5}), ScimType::InvalidValue),
        (json!({"count": [1]}), ScimType::InvalidValue),
        (json!({"filter": 1}), ScimType::InvalidValue),
        (json!({"attributes": [1]}), ScimType::InvalidValue),
        (json!({"attributes": {}}), ScimType::InvalidValue),
    ];
    for (body, expected) in cases {
        assert_eq!(search(body.clone()).map_err(|error| error.scim_type), Err(expected), "{body}");
    }
}

#[test]
fn an_empty_list_has_all_its_fields() {
    let list = ListResponse { start_index: Some(1), ..ListResponse::default() };
    let expected = json!({
        "schemas": [urn::LIST_RESPONSE], "totalResults": 0, "startIndex": 1, "itemsPerPage": 0, "Resources": [],
    });
    assert_eq!(Value::Object(list.into_map()), expected);
}

#[test]
fn a_page_of_a_cursor_has_the_next_one() {
    let list = ListResponse {
        total_results: 5,
        next_cursor: Some("abc".into()),
        resources: vec![json!({"id": "1"})],
        ..ListResponse::default()
    };
    let expected = json!({
        "schemas": [urn::LIST_RESPONSE], "totalResults": 5, "itemsPerPage": 1, "nextCursor": "abc",
        "Resources": [{"id": "1"}],
    });
    assert_eq!(Value::Object(list.into_map()), expected);
}
