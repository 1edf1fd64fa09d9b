//! Parses filters (RFC 7644 §3.4.2.2, figure 1) by descent; nesting, terms and bytes are bounded.

use super::ast::Filter;
use super::attribute::{AttributePath, Named, resolve};
use super::compare::{Literal, Subject, comparison, presence};
use super::lexer::{Kind, Token, tokens};
use super::{Operator, Unknown};
use crate::base::limits::{FILTER_BYTES_MAX, FILTER_DEPTH_MAX, FILTER_TERMS_MAX};
use crate::scim::Strictness;
use crate::scim::dialect::{Rule, note};
use crate::scim::field::short;
use crate::scim::schema::{Attribute, TypeSchema};

/// What a filter is parsed against, and how.
#[derive(Clone, Copy)]
pub(in crate::scim) struct Grammar<'s> {
    pub schema: &'s TypeSchema,
    pub strictness: Strictness,
    pub unknown: Unknown,
}

/// Whose attributes names mean: the resource's, or inside brackets those of one value.
#[derive(Clone, Copy)]
enum Scope<'s> {
    Resource,
    Values(&'s Attribute),
    OpenValues,
}

struct Parser<'t, 's, 'r> {
    grammar: Grammar<'s>,
    tokens: Vec<Token<'t>>,
    at: usize,
    depth: usize,
    terms: usize,
    rules: &'r mut Vec<Rule>,
}

/// Parses a whole filter.
pub(super) fn filter(text: &str, grammar: Grammar<'_>, rules: &mut Vec<Rule>) -> Result<Filter, String> {
    let mut parser = Parser::new(text, grammar, rules)?;
    let filter = parser.or(Scope::Resource)?;
    match parser.kind() {
        Kind::End => Ok(filter),
        _ => Err(format!("after an expression \"and\" or \"or\" is expected, not {}", parser.here())),
    }
}

/// Parses `attribute[filter]` at the start of a PATCH path and gives what stands behind the bracket.
pub(in crate::scim) fn value_path<'t>(
    text: &'t str,
    grammar: Grammar<'_>,
    rules: &mut Vec<Rule>,
) -> Result<(AttributePath, Filter, &'t str), String> {
    let mut parser = Parser::new(text, grammar, rules)?;
    let Kind::Word(name) = *parser.kind() else {
        return Err(format!("a path starts with an attribute, not with {}", parser.here()));
    };
    let start = parser.token().start;
    parser.advance();
    if start != 0 || *parser.kind() != Kind::OpenBracket || parser.token().spaced {
        return Err(format!("{} is not a path", short(text)));
    }
    let (attribute, filter) = parser.values(name)?;
    let rest = text.get(parser.previous_end()..).unwrap_or_default();
    Ok((attribute, filter, rest))
}

impl<'t, 's, 'r> Parser<'t, 's, 'r> {
    fn new(text: &'t str, grammar: Grammar<'s>, rules: &'r mut Vec<Rule>) -> Result<Self, String> {
        if FILTER_BYTES_MAX < text.len() {
            return Err(format!("it has {} bytes; at most {FILTER_BYTES_MAX} are taken", text.len()));
        }
        Ok(Self { grammar, tokens: tokens(text)?, at: 0, depth: 0, terms: 0, rules })
    }

    fn or(&mut self, scope: Scope<'s>) -> Result<Filter, String> {
        let mut parts = vec![self.and(scope)?];
        while self.takes_joint("or")? {
            parts.push(self.and(scope)?);
        }
        Ok(joined(parts, Filter::Or))
    }

    fn and(&mut self, scope: Scope<'s>) -> Result<Filter, String> {
        let mut parts = vec![self.unary(scope)?];
        while self.takes_joint("and")? {
            parts.push(self.unary(scope)?);
        }
        Ok(joined(parts, Filter::And))
    }

    fn unary(&mut self, scope: Scope<'s>) -> Result<Filter, String> {
        match *self.kind() {
            Kind::OpenParenthesis => self.group(scope),
            Kind::Word(word) if word.eq_ignore_ascii_case("not") => {
                self.advance();
                if *self.kind() != Kind::OpenParenthesis {
                    return Err("\"not\" must be followed by parentheses".to_owned());
                }
                Ok(Filter::Not(Box::new(self.group(scope)?)))
            }
            Kind::Word(word) => self.expression(word, scope),
            Kind::End if self.at == 0 => Err("it is empty".to_owned()),
            _ => Err(format!("an attribute is expected, not {}", self.here())),
        }
    }

    fn group(&mut self, scope: Scope<'s>) -> Result<Filter, String> {
        self.deeper()?;
        self.advance();
        let inner = self.or(scope)?;
        self.expect(Kind::CloseParenthesis, "a parenthesis is not closed")?;
        self.depth -= 1;
        Ok(inner)
    }

    fn expression(&mut self, name: &str, scope: Scope<'s>) -> Result<Filter, String> {
        self.advance();
        if *self.kind() == Kind::OpenBracket && !self.token().spaced {
            if !matches!(scope, Scope::Resource) {
                return Err("brackets can't stand within brackets".to_owned());
            }
            let (attribute, filter) = self.values(name)?;
            return self.after_values(attribute, filter);
        }
        self.term()?;
        let subject = self.subject(name, scope)?;
        self.operation(subject, scope)
    }

    /// The operator and the operand that follow an attribute.
    fn operation(&mut self, subject: Subject<'s>, scope: Scope<'s>) -> Result<Filter, String> {
        let Kind::Word(word) = *self.kind() else {
            return Err(format!("{} must be followed by an operator such as eq", subject.path));
        };
        self.advance();
        if word.eq_ignore_ascii_case("pr") {
            return presence(subject);
        }
        let Some(operator) = Operator::from_keyword(word) else {
            return Err(format!("the operator {:?} is not supported", short(word)));
        };
        let literal = match (std::mem::replace(&mut self.token_mut().kind, Kind::End), self.token().spaced) {
            (Kind::Text(text), _) => Literal::Text(text),
            (Kind::Word(word), true) => self.literal(word, &subject, scope)?,
            (other, _) => {
                self.token_mut().kind = other;
                return Err(format!("{} {} must be followed by a value", subject.path, operator.keyword()));
            }
        };
        self.at += 1;
        comparison(subject, operator, literal, self.grammar.strictness, self.rules)
    }

    fn literal(&mut self, word: &str, subject: &Subject<'_>, scope: Scope<'s>) -> Result<Literal, String> {
        let is_lenient = self.grammar.strictness == Strictness::Lenient;
        match word {
            "true" => return Ok(Literal::Boolean(true)),
            "false" => return Ok(Literal::Boolean(false)),
            "null" => return Ok(Literal::Null),
            _ => {}
        }
        if let Ok(number) = serde_json::from_str(word) {
            return Ok(Literal::Number(number));
        }
        if is_lenient && subject.is_boolean() && is_boolean_word(word) {
            note(self.rules, Rule::FilterBooleanCase);
            return Ok(Literal::Boolean(word.eq_ignore_ascii_case("true")));
        }
        // Only where nothing else can be meant: at the top, up to the end or the next and/or.
        if is_lenient
            && matches!(scope, Scope::Resource)
            && subject.is_text()
            && is_bare(word)
            && self.ends_after()
        {
            note(self.rules, Rule::FilterUnquotedValue);
            return Ok(Literal::Text(word.to_owned()));
        }
        Err(format!("{:?} is not a value: text needs double quotes around it", short(word)))
    }

    /// Whether the expression ends behind the current token.
    fn ends_after(&self) -> bool {
        match self.tokens.get(self.at + 1) {
            None => true,
            Some(token) => match token.kind {
                Kind::End | Kind::CloseParenthesis => true,
                Kind::Word(word) => word.eq_ignore_ascii_case("and") || word.eq_ignore_ascii_case("or"),
                _ => false,
            },
        }
    }

    fn subject(&mut self, name: &str, scope: Scope<'s>) -> Result<Subject<'s>, String> {
        match scope {
            Scope::Resource => {
                let named = resolve(name, self.grammar.schema, self.grammar.strictness, self.rules)?;
                Subject::in_resource(named, self.grammar)
            }
            Scope::Values(attribute) => Subject::in_values(attribute, name),
            Scope::OpenValues => Subject::in_open_values(name),
        }
    }

    /// `[filter]` behind an attribute's name.
    fn values(&mut self, name: &str) -> Result<(AttributePath, Filter), String> {
        let named = resolve(name, self.grammar.schema, self.grammar.strictness, self.rules)?;
        let (path, scope) = match named {
            Named::Known { path, attribute, sub: None }
                if attribute.is_complex() || attribute.multi_valued =>
            {
                (path, Scope::Values(attribute))
            }
            Named::Open { path } if path.sub.is_none() => (path, Scope::OpenValues),
            Named::UnknownCore { name, sub: None } if self.grammar.unknown == Unknown::Allowed => {
                (AttributePath { schema: None, name, sub: None, multi_valued: true }, Scope::OpenValues)
            }
            Named::UnknownCore { name, .. } => return Err(unknown(&name, self.grammar.schema)),
            _ => return Err(format!("{} has no sub-attributes that brackets could filter", short(name))),
        };
        self.deeper()?;
        self.advance();
        let filter = self.or(scope)?;
        self.expect(Kind::CloseBracket, "a bracket is not closed")?;
        self.depth -= 1;
        Ok((path, filter))
    }

    /// Entra compares a sub-attribute behind the brackets: `emails[type eq "work"].value eq "x"`.
    fn after_values(&mut self, attribute: AttributePath, filter: Filter) -> Result<Filter, String> {
        let sub = match *self.kind() {
            Kind::Word(word) if !self.token().spaced => word.strip_prefix('.'),
            _ => return Ok(Filter::Values { attribute, filter: Box::new(filter) }),
        };
        let (Some(sub), Strictness::Lenient) = (sub, self.grammar.strictness) else {
            return Err(format!("after the brackets \"and\" or \"or\" is expected, not {}", self.here()));
        };
        self.advance();
        self.term()?;
        let named = resolve(&attribute.to_string(), self.grammar.schema, Strictness::Strict, self.rules)?;
        let scope = match named {
            Named::Known { attribute, .. } => Scope::Values(attribute),
            _ => Scope::OpenValues,
        };
        let subject = self.subject(sub, scope)?;
        let last = self.operation(subject, scope)?;
        note(self.rules, Rule::FilterValuePathSubAttribute);
        let filter = match filter {
            Filter::And(mut parts) => {
                parts.push(last);
                Filter::And(parts)
            }
            other => Filter::And(vec![other, last]),
        };
        Ok(Filter::Values { attribute, filter: Box::new(filter) })
    }

    /// Takes `and` or `or` between two expressions; spaces around it are part of the grammar.
    fn takes_joint(&mut self, joint: &str) -> Result<bool, String> {
        match *self.kind() {
            Kind::Word(word) if word.eq_ignore_ascii_case(joint) => {
                let is_spaced = self.token().spaced;
                self.advance();
                match is_spaced && self.token().spaced {
                    true => Ok(true),
                    false => {
                        Err(format!("\"{joint}\" needs a space on both sides and an expression after it"))
                    }
                }
            }
            _ => Ok(false),
        }
    }

    fn deeper(&mut self) -> Result<(), String> {
        self.depth += 1;
        match self.depth <= FILTER_DEPTH_MAX {
            true => Ok(()),
            false => Err(format!("it is nested more than {FILTER_DEPTH_MAX} levels deep")),
        }
    }

    fn term(&mut self) -> Result<(), String> {
        self.terms += 1;
        match self.terms <= FILTER_TERMS_MAX {
            true => Ok(()),
            false => Err(format!("it has more than {FILTER_TERMS_MAX} comparisons")),
        }
    }

    fn expect(&mut self, kind: Kind<'_>, otherwise: &str) -> Result<(), String> {
        if *self.kind() != kind {
            return Err(format!("{otherwise}; found {}", self.here()));
        }
        self.advance();
        Ok(())
    }

    fn token(&self) -> &Token<'t> {
        // Invariant: `advance` never goes beyond the last token, which is `End`.
        &self.tokens[self.at]
    }

    fn token_mut(&mut self) -> &mut Token<'t> {
        &mut self.tokens[self.at]
    }

    fn kind(&self) -> &Kind<'t> {
        &self.token().kind
    }

    fn advance(&mut self) {
        self.at = (self.at + 1).min(self.tokens.len() - 1);
    }

    /// Where the bracket that was taken last ends.
    fn previous_end(&self) -> usize {
        self.tokens.get(self.at.saturating_sub(1)).map_or(0, |token| token.start + 1)
    }

    fn here(&self) -> String {
        let token = self.token();
        let found = match &token.kind {
            Kind::OpenParenthesis => "\"(\"".to_owned(),
            Kind::CloseParenthesis => "\")\"".to_owned(),
            Kind::OpenBracket => "\"[\"".to_owned(),
            Kind::CloseBracket => "\"]\"".to_owned(),
            Kind::Word(word) => format!("{:?}", short(word)),
            Kind::Text(_) => "text in quotes".to_owned(),
            Kind::End => return "the end".to_owned(),
        };
        format!("{found} at character {}", token.start + 1)
    }
}

fn joined(mut parts: Vec<Filter>, join: fn(Vec<Filter>) -> Filter) -> Filter {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            parts.extend(last);
            join(parts)
        }
    }
}

/// The detail for a name that nothing knows.
pub(super) fn unknown(name: &str, schema: &TypeSchema) -> String {
    format!("{} has no attribute {}", schema.core.name, short(name))
}

fn is_boolean_word(word: &str) -> bool {
    word.eq_ignore_ascii_case("true") || word.eq_ignore_ascii_case("false")
}

/// Text that could be nothing but a value somebody forgot to quote.
fn is_bare(word: &str) -> bool {
    let is_keyword =
        ["and", "or", "not", "pr", "null"].iter().any(|keyword| word.eq_ignore_ascii_case(keyword))
            || is_boolean_word(word)
            || Operator::from_keyword(word).is_some();
    !is_keyword
        && word.starts_with(|first: char| first.is_ascii_alphanumeric())
        && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '@' | '+' | ':'))
}
