//! Whether a POST makes a new user, brings one back or is a conflict.
//!
//! A person is known by `externalId`. Without one on either side an inactive user with the same
//! `userName` is taken for the same person; everybody else who left makes way, so that nobody
//! inherits a namesake's data and no provider is stuck on 409.

use crate::base::id::UserId;

/// What decides about a POST.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    pub external_id: Option<String>,
    /// `active` as the POST says it; absent means true.
    pub active: Option<bool>,
}

/// A user that is or was there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Existing {
    pub id: UserId,
    pub status: Status,
    pub external_id: Option<String>,
}

/// Where a user stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    Active,
    Inactive,
    /// The provider deleted it; SCIM answers 404.
    Deleted,
}

/// Whether deviations are catered for in this directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conflicts {
    /// A user who left can come back or makes way.
    Forgiving,
    /// Any user that is there is a conflict, active or not.
    Strict,
}

/// What is to be done with a POST.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Make a user with a new id. `retire` is an inactive namesake that makes way: 404 from then
    /// on, and deleted for the app if it still sees it.
    New { retire: Option<UserId> },
    /// The person comes back under the same id; `retire` as before.
    Revive { id: UserId, retire: Option<UserId> },
    /// 409 `uniqueness`.
    Conflict { with: UserId, key: UniqueKey },
}

/// By which attribute a POST met a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UniqueKey {
    ExternalId,
    UserName,
}

/// Decides about a POST. `by_external_id` is the user with the posted `externalId`: the active one,
/// else the inactive one, else the one deleted last. `by_user_name` is the user that is there with
/// the same folded `userName`; a deleted one has no say.
pub fn decide(
    posted: &Posted,
    by_external_id: Option<&Existing>,
    by_user_name: Option<&Existing>,
    conflicts: Conflicts,
) -> Decision {
    let person = by_external_id.filter(|_| posted.external_id.is_some());
    let namesake = by_user_name.filter(|user| user.status != Status::Deleted);
    match person {
        Some(person) => with_person(posted, person, namesake, conflicts),
        None => without_person(posted, namesake, conflicts),
    }
}

fn with_person(
    posted: &Posted,
    person: &Existing,
    namesake: Option<&Existing>,
    conflicts: Conflicts,
) -> Decision {
    if is_conflict(posted, person, conflicts) {
        return Decision::Conflict { with: person.id, key: UniqueKey::ExternalId };
    }
    match namesake.filter(|namesake| namesake.id != person.id) {
        None => Decision::Revive { id: person.id, retire: None },
        Some(other) if is_taken(other, conflicts) => {
            Decision::Conflict { with: other.id, key: UniqueKey::UserName }
        }
        Some(other) => Decision::Revive { id: person.id, retire: Some(other.id) },
    }
}

fn without_person(posted: &Posted, namesake: Option<&Existing>, conflicts: Conflicts) -> Decision {
    let Some(namesake) = namesake else { return Decision::New { retire: None } };
    let conflict = Decision::Conflict { with: namesake.id, key: UniqueKey::UserName };
    if is_taken(namesake, conflicts) {
        return conflict;
    }
    if posted.external_id.is_some() || namesake.external_id.is_some() {
        return Decision::New { retire: Some(namesake.id) };
    }
    match is_conflict(posted, namesake, conflicts) {
        true => conflict,
        false => Decision::Revive { id: namesake.id, retire: None },
    }
}

/// Whether a POST for this very person asks for what is already there.
fn is_conflict(posted: &Posted, person: &Existing, conflicts: Conflicts) -> bool {
    match person.status {
        Status::Active => true,
        Status::Inactive => conflicts == Conflicts::Strict || posted.active == Some(false),
        Status::Deleted => false,
    }
}

/// Whether another person holds the `userName`.
fn is_taken(namesake: &Existing, conflicts: Conflicts) -> bool {
    match namesake.status {
        Status::Active => true,
        Status::Inactive => conflicts == Conflicts::Strict,
        Status::Deleted => false,
    }
}

#[cfg(test)]
mod tests {
    use ulid::Ulid;

    use super::*;

    const STATUSES: [Status; 3] = [Status::Active, Status::Inactive, Status::Deleted];

    fn id(number: u64) -> UserId {
        UserId::from_ulid(Ulid::from_parts(number, 0))
    }

    fn user(number: u64, status: Status, external_id: Option<&str>) -> Existing {
        Existing { id: id(number), status, external_id: external_id.map(str::to_owned) }
    }

    fn posted(external_id: Option<&str>, active: Option<bool>) -> Posted {
        Posted { external_id: external_id.map(str::to_owned), active }
    }

    #[test]
    fn nobody_there_makes_a_new_user() {
        for conflicts in [Conflicts::Forgiving, Conflicts::Strict] {
            for active in [None, Some(true), Some(false)] {
                let decision = decide(&posted(Some("e"), active), None, None, conflicts);
                assert_eq!(decision, Decision::New { retire: None });
            }
        }
    }

    #[test]
    fn the_same_external_id_by_status_active_and_strictness() {
        use Conflicts::{Forgiving, Strict};
        let conflict = Decision::Conflict { with: id(1), key: UniqueKey::ExternalId };
        let revive = Decision::Revive { id: id(1), retire: None };
        let table = [
            (Status::Active, None, Forgiving, conflict),
            (Status::Active, Some(true), Forgiving, conflict),
            (Status::Active, Some(false), Forgiving, conflict),
            (Status::Active, None, Strict, conflict),
            (Status::Inactive, None, Forgiving, revive),
            (Status::Inactive, Some(true), Forgiving, revive),
            (Status::Inactive, Some(false), Forgiving, conflict),
            (Status::Inactive, None, Strict, conflict),
            (Status::Inactive, Some(true), Strict, conflict),
            (Status::Deleted, None, Forgiving, revive),
            (Status::Deleted, Some(true), Forgiving, revive),
            (Status::Deleted, Some(false), Forgiving, revive),
            (Status::Deleted, None, Strict, revive),
        ];
        for (status, active, conflicts, expected) in table {
            let person = user(1, status, Some("e"));
            let same_name = (status != Status::Deleted).then_some(&person);
            for by_user_name in [None, same_name] {
                let decision = decide(&posted(Some("e"), active), Some(&person), by_user_name, conflicts);
                assert_eq!(decision, expected, "{status:?} {active:?} {conflicts:?}");
            }
        }
    }

    #[test]
    fn the_same_user_name_alone_by_status_external_ids_and_strictness() {
        use Conflicts::{Forgiving, Strict};
        let conflict = Decision::Conflict { with: id(2), key: UniqueKey::UserName };
        let new = Decision::New { retire: None };
        let retire = Decision::New { retire: Some(id(2)) };
        for posted_id in [None, Some("e")] {
            for their_id in [None, Some("other")] {
                for active in [None, Some(true), Some(false)] {
                    for status in STATUSES {
                        for conflicts in [Forgiving, Strict] {
                            let same_person = posted_id.is_none() && their_id.is_none();
                            let expected = match (status, conflicts) {
                                (Status::Active, _) | (Status::Inactive, Strict) => conflict,
                                (Status::Inactive, Forgiving) if !same_person => retire,
                                (Status::Inactive, Forgiving) if active == Some(false) => conflict,
                                (Status::Inactive, Forgiving) => Decision::Revive { id: id(2), retire: None },
                                (Status::Deleted, _) => new,
                            };
                            let namesake = user(2, status, their_id);
                            let decision =
                                decide(&posted(posted_id, active), None, Some(&namesake), conflicts);
                            assert_eq!(
                                decision, expected,
                                "{posted_id:?} {their_id:?} {active:?} {status:?} {conflicts:?}"
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn somebody_who_comes_back_under_anothers_user_name() {
        use Conflicts::{Forgiving, Strict};
        let taken = Decision::Conflict { with: id(2), key: UniqueKey::UserName };
        let makes_way = Decision::Revive { id: id(1), retire: Some(id(2)) };
        let alone = Decision::Revive { id: id(1), retire: None };
        let stuck = Decision::Conflict { with: id(1), key: UniqueKey::ExternalId };
        let table = [
            (Status::Inactive, Status::Active, Forgiving, taken),
            (Status::Inactive, Status::Inactive, Forgiving, makes_way),
            (Status::Inactive, Status::Deleted, Forgiving, alone),
            (Status::Deleted, Status::Active, Forgiving, taken),
            (Status::Deleted, Status::Inactive, Forgiving, makes_way),
            (Status::Deleted, Status::Deleted, Forgiving, alone),
            (Status::Active, Status::Inactive, Forgiving, stuck),
            (Status::Deleted, Status::Inactive, Strict, taken),
            (Status::Inactive, Status::Inactive, Strict, stuck),
        ];
        for (person, namesake, conflicts, expected) in table {
            let decision = decide(
                &posted(Some("e"), None),
                Some(&user(1, person, Some("e"))),
                Some(&user(2, namesake, None)),
                conflicts,
            );
            assert_eq!(decision, expected, "{person:?} {namesake:?} {conflicts:?}");
        }
    }
}
