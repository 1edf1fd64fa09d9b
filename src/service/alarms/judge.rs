//! What should be alarmed of, from what is known of a directory: no clock, no store.

use serde_json::{Map, Value, json};

use crate::base::limits;
use crate::base::time::Timestamp;
use crate::model::alarm::AlarmKind;
use crate::model::brake::{Watch, Wave};
use crate::model::credential::DirectoryToken;
use crate::model::directory::{Directory, DirectoryState};
use crate::store::app::health::Outcome;

const DAY_MILLIS: i64 = 86_400_000;
const STREAK_MILLIS: i64 = 15 * 60_000;
/// A token whose last use is not further from the newest use than this is in use.
const IN_USE_MILLIS: i64 = 7 * DAY_MILLIS;
const STALE_MILLIS: i64 = 90 * DAY_MILLIS;
/// Days before a token's end at which its alarm says something new.
const EXPIRY_STAGES: [i64; 3] = [1, 7, 30];

/// What is known of a directory at a moment.
pub struct Facts<'a> {
    pub now: Timestamp,
    pub directory: &'a Directory,
    pub watch: Watch,
    pub tokens: &'a [DirectoryToken],
    /// Of the newest requests, newest first.
    pub outcomes: &'a [Outcome],
    pub wave: Wave,
    pub users_held: u64,
}

/// What is to be done about one kind of alarm.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    Raise(Map<String, Value>),
    Clear,
    /// Nothing new is known.
    Leave,
}

/// Judges every kind of alarm that the watch decides about.
pub fn judge(facts: &Facts<'_>) -> [(AlarmKind, Verdict); 8] {
    [
        (AlarmKind::DeprovisioningWave, wave(facts)),
        (AlarmKind::UsersHeld, held(facts)),
        (AlarmKind::ProviderSilent, silence(facts)),
        (AlarmKind::ErrorStreak, errors(facts)),
        (AlarmKind::CredentialsRefused, refusals(facts)),
        (AlarmKind::TokenExpiring, expiring(facts)),
        (AlarmKind::TokenExpired, expired(facts)),
        (AlarmKind::TokenStale, stale(facts)),
    ]
}

fn detail(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(detail) => detail,
        _ => Map::new(),
    }
}

/// A wave is over when the window has passed and nobody waits for a decision; the change itself raises it.
fn wave(facts: &Facts<'_>) -> Verdict {
    match facts.wave.lost == 0 && facts.users_held == 0 {
        true => Verdict::Clear,
        false => Verdict::Leave,
    }
}

fn held(facts: &Facts<'_>) -> Verdict {
    match facts.users_held {
        0 => Verdict::Clear,
        users => Verdict::Raise(detail(json!({"users": users}))),
    }
}

/// A provider is expected to call once it has called, unless the directory is paused.
fn silence(facts: &Facts<'_>) -> Verdict {
    // The use of a token is written down once a minute: records say more, while they are kept.
    let last_record = facts.outcomes.iter().find(|outcome| outcome.status != 401);
    let last_use = facts.tokens.iter().filter_map(|token| token.last_used_at).max();
    let last_use = last_use.max(last_record.map(|outcome| outcome.received_at));
    let is_expected =
        facts.watch.silence_after_secs != 0 && facts.directory.state != DirectoryState::Unlinked;
    let Some(last_use) = last_use.filter(|_| is_expected) else { return Verdict::Clear };
    let silent_from = last_use.plus_millis(i64::from(facts.watch.silence_after_secs) * 1_000);
    match silent_from <= facts.now {
        true => Verdict::Raise(detail(json!({
            "last_request_at": last_use.to_string(),
            "silence_after_secs": facts.watch.silence_after_secs,
        }))),
        false => Verdict::Clear,
    }
}

/// Errors of a provider that proved who it is, without one success among them.
fn errors(facts: &Facts<'_>) -> Verdict {
    let known = facts.outcomes.iter().filter(|outcome| outcome.status != 401);
    let streak: Vec<&Outcome> = known.take_while(|outcome| 400 <= outcome.status).collect();
    match (streak.len(), facts.outcomes.iter().any(|outcome| outcome.status < 400)) {
        (count, _) if is_streak(&streak) => {
            Verdict::Raise(detail(json!({"requests": count, "last_status": streak[0].status})))
        }
        (0, true) => Verdict::Clear,
        (_, _) => Verdict::Leave,
    }
}

/// Requests with credentials that are none, without one success among them.
fn refusals(facts: &Facts<'_>) -> Verdict {
    let since_success = facts.outcomes.iter().take_while(|outcome| 400 <= outcome.status);
    let streak: Vec<&Outcome> = since_success.filter(|outcome| outcome.status == 401).collect();
    match (streak.len(), facts.outcomes.first()) {
        (count, _) if is_streak(&streak) => Verdict::Raise(detail(json!({"requests": count}))),
        (_, Some(newest)) if newest.status < 400 => Verdict::Clear,
        (_, _) => Verdict::Leave,
    }
}

/// Whether the newest of these came within a quarter of an hour, and are enough.
fn is_streak(newest_first: &[&Outcome]) -> bool {
    match (newest_first.first(), newest_first.get(limits::ERROR_STREAK_REQUESTS - 1)) {
        (Some(newest), Some(oldest)) => {
            newest.received_at.millis() - oldest.received_at.millis() <= STREAK_MILLIS
        }
        (_, _) => false,
    }
}

/// Tokens that the provider may depend on: those used of late, or all while none has been used.
fn in_use<'a>(facts: &Facts<'a>) -> impl Iterator<Item = &'a DirectoryToken> {
    let newest_use = facts.tokens.iter().filter_map(|token| token.last_used_at).max();
    facts.tokens.iter().filter(move |token| match (newest_use, token.last_used_at) {
        (None, _) => true,
        (Some(newest), Some(used)) => newest <= used.plus_millis(IN_USE_MILLIS),
        (Some(_), None) => false,
    })
}

fn expiring(facts: &Facts<'_>) -> Verdict {
    let stage = |token: &DirectoryToken| {
        let left = token.expires_at?.millis() - facts.now.millis();
        let stage = EXPIRY_STAGES.into_iter().find(|days| left <= days * DAY_MILLIS)?;
        (0 < left).then_some(stage)
    };
    let first = in_use(facts)
        .filter_map(|token| Some((stage(token)?, token)))
        .min_by_key(|(_, token)| token.expires_at);
    match first {
        None => Verdict::Clear,
        Some((days, token)) => Verdict::Raise(detail(json!({
            "token_id": token.id.to_string(),
            "expires_at": token.expires_at.map(|at| at.to_string()),
            "within_days": days,
        }))),
    }
}

/// The provider's token has ended, and no other is used in its place.
fn expired(facts: &Facts<'_>) -> Verdict {
    let ended =
        in_use(facts).filter(|token| token.is_expired(facts.now)).max_by_key(|token| token.expires_at);
    let Some(ended) = ended else { return Verdict::Clear };
    let is_replaced = facts.tokens.iter().any(|token| {
        !token.is_expired(facts.now)
            && token.last_used_at.is_some()
            && ended.last_used_at <= token.last_used_at
    });
    match is_replaced {
        true => Verdict::Clear,
        false => Verdict::Raise(detail(json!({
            "token_id": ended.id.to_string(),
            "expired_at": ended.expires_at.map(|at| at.to_string()),
        }))),
    }
}

fn stale(facts: &Facts<'_>) -> Verdict {
    let unused_since = |token: &DirectoryToken| token.last_used_at.unwrap_or(token.created_at);
    let is_old = |token: &&DirectoryToken| unused_since(token).plus_millis(STALE_MILLIS) <= facts.now;
    let has_used = facts
        .tokens
        .iter()
        .any(|token| token.last_used_at.is_some_and(|used| facts.now < used.plus_millis(STALE_MILLIS)));
    let stale: Vec<String> = facts
        .tokens
        .iter()
        .filter(|token| !token.is_expired(facts.now))
        .filter(is_old)
        .map(|token| token.id.to_string())
        .collect();
    match has_used && !stale.is_empty() {
        true => Verdict::Raise(detail(json!({"token_ids": stale}))),
        false => Verdict::Clear,
    }
}

#[cfg(test)]
mod tests;
