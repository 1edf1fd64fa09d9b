//! Decides what a comparison means for the attribute's type (RFC 7644 table 3), once, while parsing.

use serde_json::Number;

use super::Unknown;
use super::ast::{Comparison, Filter, Operand, Operator, Text};
use super::attribute::{AttributePath, Named, is_name};
use super::parser::{Grammar, unknown};
use crate::scim::Strictness;
use crate::scim::dialect::{Rule, note};
use crate::scim::field::short;
use crate::scim::moment::Moment;
use crate::scim::schema::{Attribute, Returned, Type};

/// The attribute on the left of an operator.
pub(super) struct Subject<'s> {
    pub path: AttributePath,
    /// What a schema says about it; `None` for open attributes.
    definition: Option<&'s Attribute>,
}

/// A value as it is written in a filter.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Literal {
    Null,
    Boolean(bool),
    Number(Number),
    Text(String),
}

impl<'s> Subject<'s> {
    pub fn in_resource(named: Named<'s>, grammar: Grammar<'_>) -> Result<Self, String> {
        match named {
            // A filter on what is never shown would show it, one comparison at a time.
            Named::Known { path, attribute, sub } => {
                let definition = sub.unwrap_or(attribute);
                match [attribute.returned, definition.returned].contains(&Returned::Never) {
                    true => Err(format!("{path} can't be filtered")),
                    false => Ok(Self { path, definition: Some(definition) }),
                }
            }
            Named::Open { path } => Ok(Self { path, definition: None }),
            Named::UnknownCore { name, sub } if grammar.unknown == Unknown::Allowed => Ok(Self {
                path: AttributePath { schema: None, name, sub, multi_valued: false },
                definition: None,
            }),
            Named::UnknownCore { name, .. } => Err(unknown(&name, grammar.schema)),
            Named::Extension { urn } => Err(format!("{urn} is a schema; name one of its attributes")),
        }
    }

    pub fn in_values(attribute: &'s Attribute, name: &str) -> Result<Self, String> {
        // Simple values have no sub-attributes; `value` then means the value itself.
        let definition = match attribute.is_complex() {
            true => attribute.sub_attribute(name),
            false => name.eq_ignore_ascii_case("value").then_some(attribute),
        };
        let Some(definition) = definition.filter(|definition| definition.returned != Returned::Never) else {
            return Err(format!("{} has no sub-attribute {}", attribute.name, short(name)));
        };
        let name = if attribute.is_complex() { definition.name.clone() } else { "value".to_owned() };
        let multi_valued = attribute.is_complex() && definition.multi_valued;
        let path = AttributePath { schema: None, name, sub: None, multi_valued };
        Ok(Self { path, definition: Some(definition) })
    }

    pub fn in_open_values(name: &str) -> Result<Self, String> {
        if !is_name(name.strip_prefix('$').unwrap_or(name)) {
            return Err(format!("{:?} is not the name of a sub-attribute", short(name)));
        }
        let path = AttributePath { schema: None, name: name.to_owned(), sub: None, multi_valued: false };
        Ok(Self { path, definition: None })
    }

    pub fn is_boolean(&self) -> bool {
        self.definition.is_some_and(|definition| definition.kind == Type::Boolean)
    }

    /// Whether text is what it is compared with; complex attributes are compared by their value.
    pub fn is_text(&self) -> bool {
        self.definition.is_some_and(|definition| {
            matches!(definition.kind, Type::String | Type::Reference | Type::DateTime)
                || (definition.is_complex() && definition.sub_attribute("value").is_some())
        })
    }
}

/// `attribute pr`.
pub(super) fn presence(subject: Subject<'_>) -> Result<Filter, String> {
    Ok(Filter::Present(subject.path))
}

/// `attribute operator literal`.
pub(super) fn comparison(
    subject: Subject<'_>,
    operator: Operator,
    literal: Literal,
    strictness: Strictness,
    rules: &mut Vec<Rule>,
) -> Result<Filter, String> {
    let path = subject.path.clone();
    if literal == Literal::Null {
        return match operator {
            Operator::Eq | Operator::Ne => Ok(compare(path, operator, Operand::Null)),
            _ => Err(format!("{} can't be used with null", operator.keyword())),
        };
    }
    let Subject { path, definition } = comparable(subject, strictness, rules)?;
    let operand = match definition {
        None => open_operand(&path, operator, literal)?,
        Some(attribute) => typed_operand(&path, attribute, operator, literal, strictness, rules)?,
    };
    Ok(compare(path, operator, operand))
}

fn compare(attribute: AttributePath, operator: Operator, operand: Operand) -> Filter {
    Filter::Compare(Comparison { attribute, operator, operand })
}

/// A complex attribute as such can't be compared. For multi-valued ones `value` is meant, as in the
/// RFC's own `emails co "example.com"`; for singular ones that is a deviation.
fn comparable<'s>(
    subject: Subject<'s>,
    strictness: Strictness,
    rules: &mut Vec<Rule>,
) -> Result<Subject<'s>, String> {
    let Some(attribute) = subject.definition.filter(|definition| definition.is_complex()) else {
        return Ok(subject);
    };
    let value = attribute.sub_attribute("value");
    match value {
        Some(value) if attribute.multi_valued || strictness == Strictness::Lenient => {
            if !attribute.multi_valued {
                note(rules, Rule::FilterComplexValue);
            }
            let path = AttributePath { sub: Some(value.name.clone()), ..subject.path };
            Ok(Subject { path, definition: Some(value) })
        }
        _ => {
            let example = value.or(attribute.sub_attributes.first()).map_or("", |sub| sub.name.as_str());
            let path = subject.path;
            Err(format!("{path} is complex: name one of its sub-attributes, such as {path}.{example}"))
        }
    }
}

fn typed_operand(
    path: &AttributePath,
    attribute: &Attribute,
    operator: Operator,
    literal: Literal,
    strictness: Strictness,
    rules: &mut Vec<Rule>,
) -> Result<Operand, String> {
    check_operator(path, attribute.kind, operator)?;
    match (attribute.kind, literal) {
        (Type::Boolean, Literal::Boolean(value)) => Ok(Operand::Boolean(value)),
        (Type::Boolean, Literal::Text(text)) if strictness == Strictness::Lenient => {
            let value = [true, false]
                .into_iter()
                .find(|value| text.trim().eq_ignore_ascii_case(boolean_word(*value)));
            let Some(value) = value else {
                return Err(format!("{path} is a boolean: compare it with true or false"));
            };
            note(rules, Rule::FilterBooleanString);
            Ok(Operand::Boolean(value))
        }
        (Type::Boolean, _) => {
            Err(format!("{path} is a boolean: compare it with true or false, without quotes"))
        }
        (Type::Integer | Type::Decimal, Literal::Number(number)) => Ok(Operand::Number(number)),
        (Type::Integer | Type::Decimal, _) => {
            Err(format!("{path} is a number: compare it with a number, without quotes"))
        }
        (Type::DateTime, Literal::Text(text)) => moment_or_part(path, operator, text),
        (Type::String | Type::Reference | Type::Binary, Literal::Text(text)) => {
            Ok(Operand::Text(match attribute.case_exact {
                true => Text::exact(text),
                false => Text::without_case(text),
            }))
        }
        (_, _) => Err(format!("{path} is text: put the value in double quotes")),
    }
}

fn check_operator(path: &AttributePath, kind: Type, operator: Operator) -> Result<(), String> {
    use Operator::{Co, Eq, Ew, Ge, Gt, Le, Lt, Ne, Sw};
    let (is_allowed, what) = match (kind, operator) {
        (_, Eq | Ne) => (true, ""),
        (Type::Boolean, _) => (false, "booleans"),
        (Type::Binary, Gt | Ge | Lt | Le) => (false, "binary values"),
        (Type::Integer | Type::Decimal, Co | Sw | Ew) => (false, "numbers"),
        (_, Co | Sw | Ew | Gt | Ge | Lt | Le) => (true, ""),
    };
    match is_allowed {
        true => Ok(()),
        false => Err(format!("{path} {}: {what} can't be compared in this way", operator.keyword())),
    }
}

/// Moments are compared as moments; the operators for parts of a text look at the text.
fn moment_or_part(path: &AttributePath, operator: Operator, text: String) -> Result<Operand, String> {
    if matches!(operator, Operator::Co | Operator::Sw | Operator::Ew) {
        return Ok(Operand::Text(Text::without_case(text)));
    }
    match Moment::parse(&text) {
        Some(moment) => Ok(Operand::Moment { text, moment }),
        None => Err(format!("{path} is a date and time: write it like \"2026-01-15T12:00:00Z\"")),
    }
}

/// Without a schema the literal's own type decides; case doesn't count (RFC 7643 §2.2).
fn open_operand(path: &AttributePath, operator: Operator, literal: Literal) -> Result<Operand, String> {
    let kind = match &literal {
        Literal::Boolean(_) => Type::Boolean,
        Literal::Number(_) => Type::Decimal,
        Literal::Text(_) | Literal::Null => Type::String,
    };
    check_operator(path, kind, operator)?;
    Ok(match literal {
        Literal::Null => Operand::Null,
        Literal::Boolean(value) => Operand::Boolean(value),
        Literal::Number(number) => Operand::Number(number),
        Literal::Text(text) => Operand::Text(Text::without_case(text)),
    })
}

fn boolean_word(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}
