//! Reads queries: pages, identifiers, moments, lists of words. Names that we don't know are ignored,
//! as clients of theirs send some that have no meaning here.

use std::str::FromStr;

use http::StatusCode;

use crate::base::id::{Id, Kind};
use crate::base::limits;
use crate::base::time::Timestamp;
use crate::model::page::{Order, PageRequest};
use crate::service::app::Fault;
use crate::web::query_pairs;

use super::answer::Refused;

/// The names and values of one query.
pub struct Query {
    pairs: Vec<(String, String)>,
}

/// A page that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paging {
    pub request: PageRequest,
    /// `order=normal`: newest first, but `before` leads to older objects and `after` to newer ones.
    pub is_reversed: bool,
}

/// Parameters that say whom or what a question is about.
const SCOPES: [&str; 6] = ["directory", "organization_id", "user", "group", "email", "idp_id"];

impl Query {
    pub fn parse(query: &str) -> Result<Self, Refused> {
        match query_pairs(query) {
            Ok(pairs) => Self { pairs }.with_scopes_named(),
            Err(error) => Err(Refused::new(StatusCode::BAD_REQUEST, "invalid_query", error.to_string())),
        }
    }

    /// Refuses an empty name of whom or what is asked about: a program that has lost it must not be
    /// answered about everybody.
    fn with_scopes_named(self) -> Result<Self, Refused> {
        let is_lost = |name: &&&str| self.pairs.iter().any(|(key, value)| key == **name && value.is_empty());
        match SCOPES.iter().find(is_lost) {
            Some(name) => Err(invalid(name, "empty", "it is empty: name one, or leave it out")),
            None => Ok(self),
        }
    }

    /// The last value of a name; an empty one is no value.
    pub fn text(&self, name: &str) -> Option<&str> {
        let found = self.pairs.iter().rev().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// All values of a name, also as `name[]` and separated by commas.
    pub fn words(&self, name: &str) -> Vec<&str> {
        self.pairs
            .iter()
            .filter(|(key, _)| key == name || key.strip_suffix("[]") == Some(name))
            .flat_map(|(_, value)| value.split(','))
            .map(str::trim)
            .filter(|word| !word.is_empty())
            .collect()
    }

    /// The values of `name[key]`, by key.
    pub fn keyed(&self, name: &str) -> Vec<(String, String)> {
        self.pairs
            .iter()
            .filter_map(|(key, value)| {
                let key = key.strip_prefix(name)?.strip_prefix('[')?.strip_suffix(']')?;
                (!key.is_empty()).then(|| (key.to_owned(), value.clone()))
            })
            .collect()
    }

    /// A value of a type of its own, or what would be right.
    pub fn parsed<T: FromStr>(&self, name: &'static str, right: &str) -> Result<Option<T>, Refused> {
        self.with(name, right, |text| text.parse().ok())
    }

    pub fn moment(&self, name: &'static str) -> Result<Option<Timestamp>, Refused> {
        let right = "write a moment like 2026-01-15T12:00:00Z";
        // An empty moment is no "from the beginning": whoever computes one should learn that he failed.
        if self.pairs.iter().any(|(key, value)| key == name && value.is_empty()) {
            return Err(invalid(name, "invalid", format!("it is empty: {right}, or leave it out")));
        }
        self.with(name, right, Timestamp::parse)
    }

    /// A value that `read` understands, or what would be right.
    pub fn with<T>(
        &self,
        name: &'static str,
        right: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Refused> {
        let Some(text) = self.text(name) else { return Ok(None) };
        match read(text) {
            Some(value) => Ok(Some(value)),
            None => Err(invalid(name, "invalid", format!("{text:?} is not understood: {right}"))),
        }
    }

    /// Which page of a list of these objects is wanted.
    pub fn paging<K: Kind>(&self, default: Order) -> Result<Paging, Refused> {
        let limit: Option<usize> = self.parsed("limit", "write a number")?;
        let limit = limit.unwrap_or(limits::APP_PAGE_DEFAULT);
        if limit == 0 || limits::APP_PAGE_MAX < limit {
            let message = format!("limit must be between 1 and {}", limits::APP_PAGE_MAX);
            return Err(invalid("limit", "out_of_range", message));
        }
        let (order, is_reversed) = match self.text("order") {
            None => (default, false),
            Some("asc") => (Order::OldestFirst, false),
            Some("desc") => (Order::NewestFirst, false),
            Some("normal") => (Order::NewestFirst, true),
            Some(_) => return Err(invalid("order", "invalid", "order must be asc, desc or normal")),
        };
        let after: Option<Id<K>> = self.cursor("after")?;
        let before: Option<Id<K>> = self.cursor("before")?;
        let (after, before) = if is_reversed { (before, after) } else { (after, before) };
        let request = PageRequest { order, after: after.map(Id::ulid), before: before.map(Id::ulid), limit };
        Ok(Paging { request, is_reversed })
    }

    fn cursor<K: Kind>(&self, name: &'static str) -> Result<Option<Id<K>>, Refused> {
        let right = format!("name an object of the list by its id, {}…", K::PREFIX);
        self.parsed(name, &right)
    }
}

/// A refusal of one parameter.
pub fn invalid(field: &'static str, code: &'static str, message: impl Into<String>) -> Refused {
    Refused::invalid(vec![Fault::new(field, code, message)])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;
    use crate::base::id::kind;

    fn query(text: &str) -> Query {
        Query::parse(text).expect("a query")
    }

    fn paging(text: &str) -> Result<(Order, usize, bool, bool, bool), ()> {
        let paging = query(text).paging::<kind::User>(Order::NewestFirst).map_err(|_| ())?;
        let request = paging.request;
        let cursors = (request.after.is_some(), request.before.is_some());
        Ok((request.order, request.limit, cursors.0, cursors.1, paging.is_reversed))
    }

    #[test]
    fn an_empty_scope_is_refused_and_an_absent_one_is_everything() {
        for name in SCOPES {
            assert!(Query::parse(&format!("{name}=&limit=1")).is_err(), "{name}");
            assert!(Query::parse(&format!("{name}=x")).is_ok(), "{name}");
        }
        assert!(Query::parse("after=&search=").is_ok());
    }

    #[test]
    fn pages_have_defaults_bounds_and_both_directions() {
        const ID: &str = "directory_user_01HQ0000000000000000000000";
        let (newest, oldest) = (Order::NewestFirst, Order::OldestFirst);
        let table = [
            (String::new(), Ok((newest, 10, false, false, false))),
            ("limit=1".to_owned(), Ok((newest, 1, false, false, false))),
            ("limit=1000&order=asc".to_owned(), Ok((oldest, 1000, false, false, false))),
            (format!("after={ID}&order=desc"), Ok((newest, 10, true, false, false))),
            (format!("after={ID}&order=normal"), Ok((newest, 10, false, true, true))),
            ("limit=0".to_owned(), Err(())),
            ("limit=1001".to_owned(), Err(())),
            ("limit=x".to_owned(), Err(())),
            ("order=sideways".to_owned(), Err(())),
            ("after=nosuch".to_owned(), Err(())),
            ("after=directory_group_01HQ0000000000000000000000".to_owned(), Err(())),
        ];
        for (text, expected) in table {
            assert_eq!(paging(&text), expected, "{text}");
        }
    }

    #[test]
    fn lists_of_words_come_in_three_ways() {
        for text in
            ["events=a,b", "events=a&events=b", "events[]=a&events[]=b", "events%5B%5D=a,%20b&events="]
        {
            assert_eq!(query(text).words("events"), ["a", "b"], "{text}");
        }
    }

    #[test]
    fn keyed_values_are_found_by_their_brackets() {
        let found = query("custom_attributes[a b]=1&custom_attributes%5Bc%5D=2&custom_attributes=3")
            .keyed("custom_attributes");
        assert_eq!(found, [("a b".to_owned(), "1".to_owned()), ("c".to_owned(), "2".to_owned())]);
    }
}
