//! Finds index look-ups that together contain every match of a filter.

use super::ast::{Filter, Operand, Operator};
use super::attribute::AttributePath;

/// One look-up in an index. Names that are compared without regard to case are folded.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum IndexKey {
    Id(String),
    /// Folded.
    UserName(String),
    ExternalId(String),
    /// Folded; any of the user's addresses.
    Email(String),
    /// Folded.
    DisplayName(String),
    /// The groups that have this member.
    Member(String),
    /// The users that are in this group.
    GroupOf(String),
}

/// The look-ups whose union contains every match, or `None` when all resources must be looked at.
/// What is found still has to be matched against the filter.
pub fn candidates(filter: &Filter) -> Option<Vec<IndexKey>> {
    keys(filter, None)
}

fn keys(filter: &Filter, parent: Option<&AttributePath>) -> Option<Vec<IndexKey>> {
    match filter {
        // The least keys; among equals the most selective kind, which sorts first.
        Filter::And(parts) => {
            parts.iter().filter_map(|part| keys(part, parent)).min_by(|a, b| (a.len(), a).cmp(&(b.len(), b)))
        }
        Filter::Or(parts) => {
            let mut all = Vec::with_capacity(parts.len());
            for part in parts {
                all.extend(keys(part, parent)?);
            }
            all.sort_unstable();
            all.dedup();
            Some(all)
        }
        Filter::Compare(comparison) if comparison.operator == Operator::Eq => match &comparison.operand {
            Operand::Text(text) => {
                let path = &comparison.attribute;
                let key = match parent {
                    None => key(path, path.sub.as_deref(), text.comparable()),
                    Some(parent) => key(parent, Some(&path.name), text.comparable()),
                };
                Some(vec![key?])
            }
            _ => None,
        },
        Filter::Values { attribute, filter } if parent.is_none() => keys(filter, Some(attribute)),
        Filter::Compare(_) | Filter::Values { .. } | Filter::Not(_) | Filter::Present(_) => None,
    }
}

fn key(path: &AttributePath, sub: Option<&str>, text: &str) -> Option<IndexKey> {
    if path.schema.is_some() {
        return None;
    }
    let text = text.to_owned();
    match (path.name.as_str(), sub) {
        ("id", None) => Some(IndexKey::Id(text)),
        ("userName", None) => Some(IndexKey::UserName(text)),
        ("externalId", None) => Some(IndexKey::ExternalId(text)),
        ("emails", Some("value")) => Some(IndexKey::Email(text)),
        ("displayName", None) => Some(IndexKey::DisplayName(text)),
        ("members", Some("value")) => Some(IndexKey::Member(text)),
        ("groups", Some("value")) => Some(IndexKey::GroupOf(text)),
        _ => None,
    }
}
