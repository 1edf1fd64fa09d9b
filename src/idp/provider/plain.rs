//! The plainest forms that RFC 7644 has, for providers that use them or of which nothing else is known.

use serde_json::{Value, json};

use crate::idp::client::{Spaces, encoded, equals};
use crate::idp::link::{Ask, Link, Stop};

use super::body::patch;
use super::{Member, MemberChange, Team};

pub fn users_by(attribute: &str, value: &str) -> String {
    format!("/Users?filter={}", encoded(&equals(attribute, value), Spaces::Percent))
}

pub fn groups_by(attribute: &str, value: &str) -> String {
    format!("/Groups?filter={}", encoded(&equals(attribute, value), Spaces::Percent))
}

/// Members by their ids alone.
pub fn values(members: &[Member]) -> Vec<Value> {
    members.iter().map(|member| json!({ "value": member.id })).collect()
}

/// All of them in one operation.
pub fn add(members: &[Member]) -> Value {
    json!({ "op": "add", "path": "members", "value": values(members) })
}

/// By a list of values: RFC 7644 §3.5.2.2 knows no value of a removal, several providers send it all the same.
pub fn remove_list(members: &[Member]) -> Value {
    json!({ "op": "remove", "path": "members", "value": values(members) })
}

pub fn remove_one(member: &Member) -> Value {
    json!({ "op": "remove", "path": format!("members[value eq \"{}\"]", member.id) })
}

pub fn rename(team: &Team) -> Value {
    json!({ "op": "replace", "path": "displayName", "value": team.name })
}

/// # Errors
///
/// [`Stop`].
pub async fn patch_group(link: &Link, id: &str, operations: Vec<Value>) -> Result<(), Stop> {
    link.send(Ask::patch(format!("/Groups/{id}"), id, patch(operations))).await.map(|_| ())
}

/// Additions by a list, removals by a path for each, as many in a request as the provider's pace says.
///
/// # Errors
///
/// [`Stop`].
pub async fn change_members(link: &Link, id: &str, change: MemberChange<'_>) -> Result<(), Stop> {
    let at_once = link.line.provider.pace().members_at_once;
    for chunk in change.removed.chunks(at_once) {
        patch_group(link, id, chunk.iter().map(remove_one).collect()).await?;
    }
    for chunk in change.added.chunks(at_once) {
        patch_group(link, id, vec![add(chunk)]).await?;
    }
    Ok(())
}
