//! What several providers do alike: find or create, import after a conflict, read lists page by page.

#[cfg(test)]
mod tests;

use std::collections::HashSet;

use serde_json::Value;

use crate::base::limits;
use crate::base::text::fold;
use crate::idp::check::{Expect, Need};
use crate::idp::link::{Ask, Link, Stop, answer_line};

use super::{Account, Paging, Presence, Team};

/// The resources of a page when a provider reads everything.
pub const PAGE: usize = 100;

/// Finds the user and adopts it, or creates it; looks again when an answer was lost.
///
/// # Errors
///
/// [`Stop`].
pub async fn add_user(link: &Link, account: &Account) -> Result<String, Stop> {
    let provider = link.line.provider;
    let attempts = provider.pace().attempts;
    for attempt in 1..=attempts {
        if let Some(found) = find_user(link, account).await? {
            return adopt_user(link, &found, account).await;
        }
        match link.send(Ask::post("/Users", provider.user(account)).accepting(&[409])).await {
            Ok(answer) if answer.status == 409 => return resolve_user(link, account).await,
            Ok(answer) => return answer.id().map(str::to_owned).ok_or(Stop::Unusable),
            // It may have been created: the next round finds it.
            Err(Stop::Lost) => link.pause(attempt).await,
            Err(stop) => return Err(stop),
        }
    }
    lost(link, "POST /Users")
}

/// Looks for the user as the provider does; a hit that is somebody else is a finding, and never adopted: what would
/// follow is a stranger with this person's rights.
///
/// # Errors
///
/// [`Stop`].
pub async fn find_user(link: &Link, account: &Account) -> Result<Option<Value>, Stop> {
    let Some(found) = link.line.provider.find_user(link, account).await? else { return Ok(None) };
    let is_same_name = text(&found, "userName").map(fold) == Some(fold(&account.person.user_name));
    if is_same_name || text(&found, "externalId") == Some(&account.external_id) {
        return Ok(Some(found));
    }
    let came = format!("a user named {:?}", text(&found, "userName").unwrap_or_default());
    link.find(Need::FilterFinds, "GET /Users", &format!("{:?} or nobody", account.person.user_name), &came);
    Ok(None)
}

/// As [`find_user`], for a group.
///
/// # Errors
///
/// [`Stop`].
pub async fn find_group(link: &Link, team: &Team) -> Result<Option<Value>, Stop> {
    let Some(found) = link.line.provider.find_group(link, team).await? else { return Ok(None) };
    let name = text(&found, "displayName").unwrap_or_default();
    if fold(name) == fold(&team.name) || text(&found, "externalId") == Some(&team.external_id) {
        return Ok(Some(found));
    }
    link.find(
        Need::FilterFinds,
        "GET /Groups",
        &format!("{:?} or none", team.name),
        &format!("the group {name:?}"),
    );
    Ok(None)
}

/// Takes a user that is there already for the account: active and with its attributes.
///
/// # Errors
///
/// [`Stop`].
pub async fn adopt_user(link: &Link, found: &Value, account: &Account) -> Result<String, Stop> {
    let Some(id) = found.get("id").and_then(Value::as_str) else { return Err(Stop::Unusable) };
    let provider = link.line.provider;
    let is_active = found.get("active").and_then(Value::as_bool);
    if account.is_active && is_active == Some(false) {
        return provider.reactivate_user(link, id, account).await;
    }
    provider.update_user(link, id, account).await?;
    Ok(id.to_owned())
}

/// After a conflict that the match did not foresee: the customer's admin imports the server's users and links the
/// one of the same `externalId`, else of the same `userName`.
///
/// # Errors
///
/// [`Stop::Unusable`] when there is nobody to link; that is a finding.
pub async fn resolve_user(link: &Link, account: &Account) -> Result<String, Stop> {
    let users = import(link, "/Users").await?.resources;
    let user_name = fold(&account.person.user_name);
    let same_id = users.iter().find(|user| text(user, "externalId") == Some(&account.external_id));
    let same_name =
        || users.iter().find(|user| text(user, "userName").map(fold).as_ref() == Some(&user_name));
    let Some(found) = same_id.or_else(same_name) else {
        let expected = format!("{:?} among the users", account.person.user_name);
        link.find(Need::ConflictVisible, "POST /Users", &expected, "409, and no such user in any page");
        return Err(Stop::Unusable);
    };
    adopt_user(link, found, account).await
}

/// Finds the group or creates it; looks again when an answer was lost.
///
/// # Errors
///
/// [`Stop`].
pub async fn add_group(link: &Link, team: &Team) -> Result<(String, Presence), Stop> {
    let provider = link.line.provider;
    let attempts = provider.pace().attempts;
    let mut presence = Presence::Adopted;
    for attempt in 1..=attempts {
        if let Some(found) = find_group(link, team).await? {
            return id_of(&found).map(|id| (id, presence));
        }
        match link.send(Ask::post("/Groups", provider.group(team)).accepting(&[409])).await {
            Ok(answer) if answer.status == 409 => {
                return resolve_group(link, team, &answer_line(&answer)).await;
            }
            Ok(answer) => return id_of(&answer.body).map(|id| (id, Presence::New)),
            Err(Stop::Lost) => {
                // What is found now is our own.
                presence = Presence::New;
                link.pause(attempt).await;
            }
            Err(stop) => return Err(stop),
        }
    }
    lost(link, "POST /Groups")
}

async fn resolve_group(link: &Link, team: &Team, came: &str) -> Result<(String, Presence), Stop> {
    let groups = import(link, "/Groups").await?.resources;
    let is_meant = |group: &&Value| text(group, "displayName").map(fold) == Some(fold(&team.name));
    let Some(found) = groups.iter().find(is_meant) else {
        link.find(Need::ConflictVisible, "POST /Groups", &format!("{:?} among the groups", team.name), came);
        return Err(Stop::Unusable);
    };
    let id = id_of(found)?;
    link.line.provider.rename_group(link, &id, team).await?;
    Ok((id, Presence::Adopted))
}

/// Deletes; a second DELETE of what is gone is no fault of the server.
///
/// # Errors
///
/// [`Stop`].
pub async fn delete(link: &Link, path: String) -> Result<(), Stop> {
    link.send(Ask::delete(path).accepting(&[404])).await.map(|_| ())
}

/// The first hit of a search.
///
/// # Errors
///
/// [`Stop`].
pub async fn first_hit(link: &Link, path: String) -> Result<Option<Value>, Stop> {
    // Some servers say 404 for no hit; it is noted, and taken for what it means.
    match link.send(Ask::get(path, Expect::List)).await {
        Ok(answer) => Ok(answer.resources().first().cloned()),
        Err(Stop::Refused { status: 404 }) => Ok(None),
        Err(stop) => Err(stop),
    }
}

/// Reads one resource.
///
/// # Errors
///
/// [`Stop`].
pub async fn read(link: &Link, kind: &str, id: &str) -> Result<Value, Stop> {
    let ask = Ask::get(format!("/{kind}/{id}"), Expect::Resource { id: id.to_owned() });
    link.send(ask).await.map(|answer| answer.body)
}

/// Every resource of a list, page by page; pages that repeat or leave out are a finding.
///
/// # Errors
///
/// [`Stop`].
pub async fn read_all(link: &Link, path: &str) -> Result<Vec<Value>, Stop> {
    let list = import(link, path).await?;
    let seen = list.resources.len() + list.repeated;
    if list.repeated > 0 || list.total != Some(seen) {
        let expected = match list.total {
            Some(total) => format!("{total} resources, each once"),
            None => format!("an end within {} pages", limits::IDP_PAGES_MAX),
        };
        let came = format!("{seen} resources, {} of them twice", list.repeated);
        link.find(Need::StablePages, &format!("GET {path}"), &expected, &came);
    }
    Ok(list.resources)
}

/// What reading a list gave.
pub(super) struct Listed {
    pub(super) resources: Vec<Value>,
    repeated: usize,
    /// What the last page said; none when there was no last page.
    total: Option<usize>,
}

/// As [`read_all`], while others may be writing: then pages may shift.
pub(super) async fn import(link: &Link, path: &str) -> Result<Listed, Stop> {
    let mut list = Listed { resources: Vec::new(), repeated: 0, total: None };
    let mut ids = HashSet::new();
    for _ in 0..limits::IDP_PAGES_MAX {
        let start = list.resources.len() + list.repeated + 1;
        let page = Ask::get(page_path(path, link.line.provider.paging(), start), Expect::List);
        let answer = link.send(page).await?;
        let total = answer.body.get("totalResults").and_then(Value::as_u64).unwrap_or(0);
        let total = usize::try_from(total).unwrap_or(usize::MAX);
        for resource in answer.resources() {
            match ids.insert(id_of(resource)?) {
                true => list.resources.push(resource.clone()),
                false => list.repeated += 1,
            }
        }
        if answer.resources().is_empty() || total <= list.resources.len() + list.repeated {
            list.total = Some(total);
            break;
        }
    }
    Ok(list)
}

pub(super) fn page_path(path: &str, paging: Paging, start: usize) -> String {
    match paging {
        Paging::Counted => format!("{path}?startIndex={start}&count={PAGE}"),
        Paging::ByServer if start == 1 => path.to_owned(),
        Paging::ByServer => format!("{path}?startIndex={start}"),
    }
}

fn text<'a>(resource: &'a Value, name: &str) -> Option<&'a str> {
    resource.get(name).and_then(Value::as_str)
}

fn id_of(resource: &Value) -> Result<String, Stop> {
    resource.get("id").and_then(Value::as_str).map(str::to_owned).ok_or(Stop::Unusable)
}

fn lost<T>(link: &Link, request: &str) -> Result<T, Stop> {
    link.find(Need::Answered, request, "an answer", "none in all attempts");
    Err(Stop::Lost)
}
