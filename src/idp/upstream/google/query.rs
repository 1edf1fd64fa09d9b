//! The `query` of users.list: clauses that must all hold.

use crate::idp::upstream::people::{Person, Standing};

#[derive(Debug, Clone, PartialEq, Eq)]
enum Clause {
    /// The unit and all below it.
    OrgUnit(String),
    Suspended(bool),
    Archived(bool),
    Email(String),
    EmailPrefix(String),
}

/// Which users are asked for; everyone when it is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserQuery(Vec<Clause>);

impl UserQuery {
    /// None for what Google would answer 400, and for clauses that this upstream lacks.
    pub fn parse(text: &str) -> Option<Self> {
        let mut clauses = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let at = rest.find(['=', ':'])?;
            let (name, operator) = (rest[..at].trim(), &rest[at..=at]);
            let (value, left) = value(rest[at + 1..].trim_start())?;
            clauses.push(clause(name, operator, &value)?);
            rest = left.trim_start();
        }
        Some(Self(clauses))
    }

    pub fn holds(&self, person: &Person) -> bool {
        self.0.iter().all(|clause| match clause {
            Clause::OrgUnit(path) => {
                let below = person.org_unit.strip_prefix(path.trim_end_matches('/'));
                below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
            Clause::Suspended(wanted) => (person.standing == Standing::Suspended) == *wanted,
            Clause::Archived(wanted) => (person.standing == Standing::Archived) == *wanted,
            Clause::Email(email) => person.email.eq_ignore_ascii_case(email),
            Clause::EmailPrefix(prefix) => person.email.starts_with(prefix.as_str()),
        })
    }
}

/// A word, or a text in single or double quotes, and what comes after it.
fn value(text: &str) -> Option<(String, &str)> {
    let quote = text.chars().next().filter(|first| matches!(first, '\'' | '"'));
    let Some(quote) = quote else {
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        return (end > 0).then(|| (text[..end].to_owned(), &text[end..]));
    };
    let mut found = String::new();
    let mut letters = text.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => found.push(letters.next()?.1),
            letter if letter == quote => return Some((found, &text[at + 1..])),
            letter => found.push(letter),
        }
    }
    None
}

fn clause(name: &str, operator: &str, value: &str) -> Option<Clause> {
    match (name, operator) {
        ("orgUnitPath", "=") => value.starts_with('/').then(|| Clause::OrgUnit(value.to_owned())),
        ("isSuspended", "=") => value.parse().ok().map(Clause::Suspended),
        ("isArchived", "=") => value.parse().ok().map(Clause::Archived),
        ("email", "=") => Some(Clause::Email(value.to_owned())),
        ("email", ":") => Some(match value.strip_suffix('*') {
            Some(prefix) => Clause::EmailPrefix(prefix.to_owned()),
            None => Clause::Email(value.to_owned()),
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::idp::upstream::people::People;

    fn count(query: &str) -> Option<usize> {
        let people = People::generate(1, 40, 0);
        let query = UserQuery::parse(query)?;
        Some(people.listed().filter(|person| query.holds(person)).count())
    }

    #[test]
    fn a_unit_holds_those_below_it() {
        let (outer, inner) =
            (count("orgUnitPath='/Engineering'"), count("orgUnitPath=\"/Engineering/Platform\""));
        assert!(inner > Some(0) && inner < outer && outer < count(""));
        assert_eq!(count("orgUnitPath='/'"), Some(40));
        assert_eq!(count("orgUnitPath='/Eng'"), Some(0));
    }

    #[test]
    fn clauses_must_all_hold_and_be_known() {
        assert_eq!(count("isSuspended=false orgUnitPath='/'"), Some(40));
        assert_eq!(count("isSuspended=true orgUnitPath='/'"), Some(0));
        assert_eq!(count("shoeSize=44"), None);
        assert_eq!(count("orgUnitPath='/Sales"), None);
        assert_eq!(count("nonsense"), None);
    }
}
