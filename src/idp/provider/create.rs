//! Creation by providers that do not search first: they create and deal with the conflict, or know from a listing
//! what was there.

use serde_json::Value;

use crate::base::text::fold;
use crate::idp::check::Need;
use crate::idp::link::{Ask, Link, Stop, answer_line};
use crate::idp::memory::{ByName, by_name};

use super::{Account, Presence, Team, flow};

/// Creates the user; after a conflict searches for it as the provider does, and else imports and links.
///
/// # Errors
///
/// [`Stop`].
pub async fn user(link: &Link, account: &Account) -> Result<String, Stop> {
    let provider = link.line.provider;
    let attempts = provider.pace().attempts;
    for attempt in 1..=attempts {
        match link.send(Ask::post("/Users", provider.user(account)).accepting(&[409])).await {
            Ok(answer) if answer.status == 409 => {
                return match flow::find_user(link, account).await? {
                    Some(found) => flow::adopt_user(link, &found, account).await,
                    None => flow::resolve_user(link, account).await,
                };
            }
            Ok(answer) => return answer.id().map(str::to_owned).ok_or(Stop::Unusable),
            // If it was created after all, the next attempt meets it as a conflict.
            Err(Stop::Lost) => link.pause(attempt).await,
            Err(stop) => return Err(stop),
        }
    }
    lost(link, "POST /Users")
}

/// Creates the group likewise. No standard makes names of groups unique, so after a lost answer it looks first, as the
/// next sync of each of these providers begins.
///
/// # Errors
///
/// [`Stop`].
pub async fn group(link: &Link, team: &Team) -> Result<(String, Presence), Stop> {
    let provider = link.line.provider;
    let attempts = provider.pace().attempts;
    for attempt in 1..=attempts {
        match link.send(Ask::post("/Groups", provider.group(team)).accepting(&[409])).await {
            Ok(answer) if answer.status == 409 => {
                let Some(found) = flow::find_group(link, team).await? else {
                    let expected = format!("{:?} among the groups", team.name);
                    link.find(Need::ConflictVisible, "POST /Groups", &expected, &answer_line(&answer));
                    return Err(Stop::Unusable);
                };
                return id_of(&found).map(|id| (id, Presence::Adopted));
            }
            Ok(answer) => return id_of(&answer.body).map(|id| (id, Presence::New)),
            Err(Stop::Lost) => link.pause(attempt).await,
            Err(stop) => return Err(stop),
        }
        if let Some(found) = flow::find_group(link, team).await? {
            return id_of(&found).map(|id| (id, Presence::New));
        }
    }
    lost(link, "POST /Groups")
}

/// Adopts the user that the first listing showed, or creates it.
///
/// # Errors
///
/// [`Stop`].
pub async fn user_unless_listed(link: &Link, account: &Account) -> Result<String, Stop> {
    let listed = link.line.memory.users.get_or_try_init(|| users_now(link)).await?;
    match listed.get(&fold(&account.person.user_name)) {
        Some(found) => flow::adopt_user(link, found, account).await,
        None => user(link, account).await,
    }
}

/// Takes the group that the first listing showed, or creates it.
///
/// # Errors
///
/// [`Stop`].
pub async fn group_unless_listed(link: &Link, team: &Team) -> Result<(String, Presence), Stop> {
    let listed = link.line.memory.groups.get_or_try_init(|| groups_now(link)).await?;
    match listed.get(&fold(&team.name)) {
        Some(found) => id_of(found).map(|id| (id, Presence::Adopted)),
        None => group(link, team).await,
    }
}

/// Everyone who is there at this moment, by userName.
///
/// # Errors
///
/// [`Stop`].
pub async fn users_now(link: &Link) -> Result<ByName, Stop> {
    Ok(by_name(flow::import(link, "/Users").await?.resources, "userName"))
}

/// Every group that is there at this moment, by displayName.
///
/// # Errors
///
/// [`Stop`].
pub async fn groups_now(link: &Link) -> Result<ByName, Stop> {
    Ok(by_name(flow::import(link, "/Groups").await?.resources, "displayName"))
}

/// The group of that name in a listing of this moment.
///
/// # Errors
///
/// [`Stop`].
pub async fn find_group_in_list(link: &Link, team: &Team) -> Result<Option<Value>, Stop> {
    Ok(groups_now(link).await?.remove(&fold(&team.name)))
}

/// The user of that name in a listing of this moment.
///
/// # Errors
///
/// [`Stop`].
pub async fn find_user_in_list(link: &Link, account: &Account) -> Result<Option<Value>, Stop> {
    Ok(users_now(link).await?.remove(&fold(&account.person.user_name)))
}

fn id_of(resource: &Value) -> Result<String, Stop> {
    resource.get("id").and_then(Value::as_str).map(str::to_owned).ok_or(Stop::Unusable)
}

fn lost<T>(link: &Link, request: &str) -> Result<T, Stop> {
    link.find(Need::Answered, request, "an answer", "none in all attempts");
    Err(Stop::Lost)
}
