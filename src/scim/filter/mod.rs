//! Filters (RFC 7644 §3.4.2.2): parsed once against a schema, then printed, matched, or turned into
//! index look-ups.

mod ast;
pub mod attribute;
mod candidates;
mod compare;
mod eval;
#[cfg(test)]
pub(in crate::scim) mod laws;
mod lexer;
pub(in crate::scim) mod parser;
mod print;
#[cfg(test)]
mod tests;

pub use ast::{Comparison, Filter, Operand, Operator, Text};
pub use attribute::AttributePath;
pub use candidates::{IndexKey, candidates};
pub use eval::{matches, matches_value};

use super::dialect::Rule;
use super::schema::TypeSchema;
use super::{Error, Strictness};

/// What to do with a name without URN that no schema knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    Refused,
    /// Conditions of a mapping may look at attributes that were kept although no schema has them.
    Allowed,
}

/// Parses a filter as the RFC writes it.
///
/// # Errors
///
/// `invalidFilter` with what to change.
pub fn parse(text: &str, schema: &TypeSchema) -> Result<Filter, Error> {
    parse_noting(text, schema, Strictness::Strict, &mut Vec::new())
}

/// As [`parse`]; when lenient, deviations are understood and noted.
///
/// # Errors
///
/// `invalidFilter` with what to change.
pub fn parse_noting(
    text: &str,
    schema: &TypeSchema,
    strictness: Strictness,
    rules: &mut Vec<Rule>,
) -> Result<Filter, Error> {
    filter(text, parser::Grammar { schema, strictness, unknown: Unknown::Refused }, rules)
}

/// Parses a condition of a mapping: lenient, and names that no schema knows are allowed.
///
/// # Errors
///
/// `invalidFilter` with what to change.
pub fn parse_condition(text: &str, schema: &TypeSchema) -> Result<Filter, Error> {
    let grammar = parser::Grammar { schema, strictness: Strictness::Lenient, unknown: Unknown::Allowed };
    filter(text, grammar, &mut Vec::new())
}

fn filter(text: &str, grammar: parser::Grammar<'_>, rules: &mut Vec<Rule>) -> Result<Filter, Error> {
    parser::filter(text, grammar, rules)
        .map_err(|what| Error::invalid_filter(format!("The filter is invalid: {what}")))
}
