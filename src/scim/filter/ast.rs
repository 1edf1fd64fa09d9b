//! A filter as a tree, resolved against a schema. Its depth and its number of terms are bounded by
//! the parser, so that walking and dropping it are safe.

use serde_json::Number;

use super::attribute::AttributePath;
use crate::base::text::fold;
use crate::scim::moment::Moment;

/// A filter (RFC 7644 §3.4.2.2). `And` and `Or` have two or more parts.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Not(Box<Filter>),
    Present(AttributePath),
    Compare(Comparison),
    /// `emails[…]`: one value of the attribute fulfils the whole inner filter, whose attributes are
    /// the sub-attributes.
    Values {
        attribute: AttributePath,
        filter: Box<Filter>,
    },
}

/// `attribute operator operand`.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    pub attribute: AttributePath,
    pub operator: Operator,
    pub operand: Operand,
}

/// The operators that compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    Eq,
    Ne,
    Co,
    Sw,
    Ew,
    Gt,
    Ge,
    Lt,
    Le,
}

impl Operator {
    /// The operator as it is written.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Co => "co",
            Self::Sw => "sw",
            Self::Ew => "ew",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Lt => "lt",
            Self::Le => "le",
        }
    }

    /// The operator of that name, without regard to case.
    pub fn from_keyword(text: &str) -> Option<Self> {
        [Self::Eq, Self::Ne, Self::Co, Self::Sw, Self::Ew, Self::Gt, Self::Ge, Self::Lt, Self::Le]
            .into_iter()
            .find(|operator| operator.keyword().eq_ignore_ascii_case(text))
    }
}

/// What a comparison compares with.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    Null,
    Boolean(bool),
    Number(Number),
    Text(Text),
    Moment { text: String, moment: Moment },
}

/// Text to compare with; folded once, here, when case doesn't matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    pub written: String,
    /// `None` when the attribute is case exact.
    pub folded: Option<String>,
}

impl Text {
    pub fn exact(written: String) -> Self {
        Self { written, folded: None }
    }

    pub fn without_case(written: String) -> Self {
        let folded = Some(fold(&written));
        Self { written, folded }
    }

    /// The form to compare: folded, or as written when case counts.
    pub fn comparable(&self) -> &str {
        self.folded.as_deref().unwrap_or(&self.written)
    }
}

impl Filter {
    /// The comparisons of a filter that is nothing but equalities which all hold; they describe a
    /// value that would match.
    pub fn equalities(&self) -> Option<Vec<&Comparison>> {
        match self {
            Self::Compare(comparison) if comparison.operator == Operator::Eq => Some(vec![comparison]),
            Self::And(parts) => {
                let mut all = Vec::new();
                for part in parts {
                    all.extend(part.equalities()?);
                }
                Some(all)
            }
            _ => None,
        }
    }

    /// Whether the filter looks at the core attribute of that name, such as `members`: what isn't
    /// looked at needn't be loaded.
    pub fn mentions(&self, attribute: &str) -> bool {
        let is_it = |path: &AttributePath| path.schema.is_none() && path.name.eq_ignore_ascii_case(attribute);
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().any(|part| part.mentions(attribute)),
            Self::Not(inner) => inner.mentions(attribute),
            Self::Present(path) => is_it(path),
            Self::Compare(comparison) => is_it(&comparison.attribute),
            Self::Values { attribute: path, .. } => is_it(path),
        }
    }
}
