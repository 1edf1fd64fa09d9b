//! What an admin can do about a request that went wrong, in the words of the provider's own console.

use super::provider::Provider;
use super::request_record::RequestRecord;
use crate::scim::dialect::Rule;

/// What to do about the outcome of a request; None when there is nothing to be done. `provider` is
/// that of the record's directory.
pub fn hint(provider: Provider, record: &RequestRecord) -> Option<String> {
    let what = match record.status {
        200..=299 => return dropped(record).map(str::to_owned),
        400 => bad_request(record),
        401 => return Some(format!("{} {}", unauthorized(record), where_the_token_is(provider))),
        403 if record.path.contains("/Schemas") || record.path.contains("/ResourceTypes") => {
            "These two lists can't be filtered: have the client ask for the whole list."
        }
        403 => {
            "The directory is paused. The application's team resumes it; until then nobody is deprovisioned."
        }
        404 => not_found(record),
        405 => "The SCIM URL may be wrong: it ends with the directory's key, and nothing comes after it.",
        408 => "The request's body came too slowly: look at the network between the provider and this host.",
        409 => conflict(provider),
        412 => "Someone else changed it first: the provider has to read it again before it writes.",
        413 => "Send less at a time: fewer members, or fewer operations, in one request.",
        415 => "Let the client send application/scim+json, not compressed.",
        429 => "More requests wait than this directory may have. The provider tries again by itself.",
        500..=599 => {
            "The request was not the fault. The provider tries again; see the daemon's log, and `rosterd check`."
        }
        _ => return None,
    };
    match again(provider, record.status) {
        "" => Some(what.to_owned()),
        again => Some(format!("{what} {again}")),
    }
}

fn dropped(record: &RequestRecord) -> Option<&'static str> {
    let name = Rule::LifecycleDeactivateDespiteError.name();
    record.rules.iter().any(|rule| rule == name).then_some(
        "The user was deactivated; what the detail names was wrong and was left out. \
         Mend that value at the provider, else it is lost.",
    )
}

fn bad_request(record: &RequestRecord) -> &'static str {
    match record.scim_type.as_deref() {
        Some("invalidFilter") => {
            "The client searches by something that can't be searched by. Set its matching attribute to userName, \
             externalId or emails[type eq \"work\"].value."
        }
        Some("invalidPath" | "noTarget") => {
            "An attribute mapping at the provider names a target that doesn't exist. Correct the target attribute \
             there; /Schemas lists all that are known, and a schema of your own can be registered."
        }
        Some("invalidValue") => {
            "A value has the wrong type or is missing. Correct the attribute mapping at the provider for the \
             attribute that the detail names, or the person's profile there."
        }
        Some("mutability") => {
            "The provider writes what can't be changed: take that attribute out of its mapping."
        }
        Some("invalidSyntax") => {
            "The body is not the JSON that SCIM asks for. A template edited by hand may be broken; compare it with \
             the page for this provider."
        }
        Some("tooMany") => "Ask for fewer results at a time.",
        Some("invalidCursor" | "expiredCursor" | "invalidCount") => {
            "The client pages wrongly, or too slowly: start the listing again from its first page."
        }
        Some(_) | None => "The request can't be understood: the detail says why.",
    }
}

fn unauthorized(record: &RequestRecord) -> &'static str {
    match record.detail.as_deref() {
        Some("the token has expired") => {
            "The token has expired: nobody is deprovisioned until it is replaced."
        }
        Some("the token belongs to another directory") => {
            "The token is good but belongs to another connection: check that SCIM URL and token are of one pair."
        }
        Some("the request has no Authorization header") => "No token was sent.",
        Some(_) | None => "The token is not good for this address.",
    }
}

fn where_the_token_is(provider: Provider) -> &'static str {
    match provider {
        Provider::Okta => {
            "In Okta it stands in the app's Provisioning tab under Integration, as API Token or Authorization."
        }
        Provider::Entra => {
            "In Entra it stands in the app's Provisioning under Admin Credentials as Secret Token; Test Connection, \
             save, then Restart provisioning."
        }
        Provider::OneLogin => "In OneLogin it stands in the app's Configuration tab as SCIM Bearer Token.",
        Provider::JumpCloud => "In JumpCloud it stands in the app's Identity Management tab as Token Key.",
        Provider::PingOne | Provider::PingFederate => {
            "In Ping it stands in the provisioning connection's configuration as OAuth Access Token."
        }
        Provider::CyberArk => "In CyberArk it stands on the app's Provisioning page as Bearer Token.",
        _ => "Make a new one with `rosterd token create`, and give it to the provider's admin.",
    }
}

fn not_found(record: &RequestRecord) -> &'static str {
    let is_member = |part: &str| record.path.contains(part);
    match is_member("/Users/") || is_member("/Groups/") {
        true => {
            "The provider remembers an id that is gone or was never here. Let it look for the person again: unassign \
             and assign, or restart its provisioning."
        }
        false => "The SCIM URL may be wrong: it ends with the directory's key, and nothing comes after it.",
    }
}

fn conflict(provider: Provider) -> &'static str {
    match provider {
        Provider::Okta => {
            "Someone active has this userName or externalId already. In Okta, import users from the app and confirm \
             the match, instead of creating the person again."
        }
        Provider::Entra => {
            "Someone active has this userName or externalId already. In Entra, check that the matching attribute \
             finds that user, and that no two people have one user principal name."
        }
        _ => {
            "Someone active has this userName or externalId already. Let the provider match that user, or give one \
             of the two another name."
        }
    }
}

/// What the provider does after a failure, and how a person makes it try again.
fn again(provider: Provider, status: u16) -> &'static str {
    let is_permanent = matches!(status, 400 | 404 | 409 | 413);
    match provider {
        Provider::Okta if is_permanent => {
            "Okta doesn't try again by itself: mend it, then retry the task under Dashboard, Tasks."
        }
        Provider::Entra if is_permanent => {
            "Entra tries again with its next cycle, about every 40 minutes; after many failures it puts the job into \
             quarantine, which Restart provisioning ends."
        }
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::Id;
    use crate::base::time::Timestamp;

    fn record(status: u16, scim_type: Option<&str>, detail: Option<&str>) -> RequestRecord {
        RequestRecord {
            id: Id::new(Timestamp::from_millis(1)),
            directory_id: None,
            token_id: None,
            received_at: Timestamp::from_millis(1),
            duration_micros: 1,
            method: "PATCH".to_owned(),
            path: "/scim/v2/acme/Users/1".to_owned(),
            query: String::new(),
            status,
            scim_type: scim_type.map(str::to_owned),
            detail: detail.map(str::to_owned),
            rules: Vec::new(),
            resource_id: None,
            client_address: None,
            user_agent: None,
            request_body: None,
            response_body: None,
            events: Vec::new(),
        }
    }

    #[test]
    fn every_error_has_a_hint_for_every_provider_and_success_has_none() {
        for provider in Provider::ALL {
            for status in [400, 401, 403, 404, 405, 408, 409, 412, 413, 415, 429, 500, 501, 503] {
                assert!(hint(provider, &record(status, None, None)).is_some(), "{provider:?} {status}");
            }
            assert_eq!(hint(provider, &record(200, None, None)), None);
        }
    }

    #[test]
    fn a_deactivation_beside_an_error_is_told() {
        let mut partly = record(200, None, Some("title must be text"));
        partly.rules.push(Rule::LifecycleDeactivateDespiteError.name().to_owned());
        assert!(hint(Provider::Entra, &partly).is_some_and(|hint| hint.contains("was deactivated")));
    }

    #[test]
    fn the_hint_speaks_the_words_of_the_providers_console() {
        let expired = record(401, None, Some("the token has expired"));
        let entra = hint(Provider::Entra, &expired).unwrap_or_default();
        assert!(entra.contains("expired") && entra.contains("Secret Token"), "{entra}");
        let taken = record(409, Some("uniqueness"), None);
        assert!(hint(Provider::Okta, &taken).unwrap_or_default().contains("Tasks"));
        assert!(!hint(Provider::Generic, &taken).unwrap_or_default().contains("Okta"));
    }
}
