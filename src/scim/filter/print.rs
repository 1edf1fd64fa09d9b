//! Writes a filter as text that parses to the same filter.

use std::fmt;

use serde_json::Value;

use super::ast::{Comparison, Filter, Operand};

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(parts) => join(f, parts, " and ", |part| matches!(part, Self::And(_) | Self::Or(_))),
            Self::Or(parts) => join(f, parts, " or ", |part| matches!(part, Self::Or(_))),
            Self::Not(inner) => write!(f, "not ({inner})"),
            Self::Present(path) => write!(f, "{path} pr"),
            Self::Compare(comparison) => comparison.fmt(f),
            Self::Values { attribute, filter } => write!(f, "{attribute}[{filter}]"),
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ", self.attribute, self.operator.keyword())?;
        match &self.operand {
            Operand::Null => f.write_str("null"),
            Operand::Boolean(value) => value.fmt(f),
            Operand::Number(number) => number.fmt(f),
            Operand::Text(text) => Value::from(text.written.as_str()).fmt(f),
            Operand::Moment { text, .. } => Value::from(text.as_str()).fmt(f),
        }
    }
}

fn join(
    f: &mut fmt::Formatter<'_>,
    parts: &[Filter],
    joint: &str,
    needs_parentheses: fn(&Filter) -> bool,
) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if 0 < index {
            f.write_str(joint)?;
        }
        match needs_parentheses(part) {
            true => write!(f, "({part})")?,
            false => write!(f, "{part}")?,
        }
    }
    Ok(())
}
