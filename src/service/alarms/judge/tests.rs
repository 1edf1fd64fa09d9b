//! Each alarm at the last moment at which it is quiet, and the first at which it isn't.

use crate::base::id::{Id, OrganizationId, TokenId};
use crate::model::brake::Brake;
use crate::model::testing;

use super::*;

const NOW: i64 = 1_800_000_000_000;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(NOW + millis)
}

fn token(number: i64, used: Option<i64>, expires: Option<i64>) -> DirectoryToken {
    DirectoryToken {
        id: TokenId::new(at(number)),
        directory_id: Id::new(at(0)),
        organization_id: OrganizationId::new(at(0)),
        token_suffix: "abcd".to_owned(),
        created_at: at(-100 * DAY_MILLIS),
        expires_at: expires.map(at),
        last_used_at: used.map(at),
    }
}

fn outcomes(statuses: &[(u16, i64)]) -> Vec<Outcome> {
    statuses.iter().map(|(status, ago)| Outcome { received_at: at(-ago), status: *status }).collect()
}

fn raised(tokens: &[DirectoryToken], outcomes: &[Outcome], wave: Wave, users_held: u64) -> Vec<&'static str> {
    let directory = testing::directory();
    let watch = Watch { brake: Brake::default(), silence_after_secs: 3_600 };
    let facts = Facts { now: at(0), directory: &directory, watch, tokens, outcomes, wave, users_held };
    judge(&facts)
        .into_iter()
        .filter(|(_, verdict)| matches!(verdict, Verdict::Raise(_)))
        .map(|(kind, _)| kind.name())
        .collect()
}

fn tokens_raise(tokens: &[DirectoryToken]) -> Vec<&'static str> {
    raised(tokens, &[], Wave::default(), 0)
}

#[test]
fn a_provider_is_silent_after_its_time_and_never_before_it_called() {
    assert_eq!(tokens_raise(&[token(1, Some(-3_600_000 + 1), None)]), Vec::<&str>::new());
    assert_eq!(tokens_raise(&[token(1, Some(-3_600_000), None)]), ["provider_silent"]);
    assert_eq!(tokens_raise(&[token(1, None, None)]), Vec::<&str>::new());
    let late = [token(1, Some(-3_600_000), None)];
    assert_eq!(raised(&late, &outcomes(&[(401, 1), (200, 9)]), Wave::default(), 0), Vec::<&str>::new());
    assert_eq!(raised(&late, &outcomes(&[(401, 1)]), Wave::default(), 0), ["provider_silent"]);
}

#[test]
fn a_token_in_use_that_ends_is_alarmed_of_and_a_replaced_one_is_not() {
    let soon = |millis| tokens_raise(&[token(1, Some(0), Some(millis))]);
    assert_eq!(soon(30 * DAY_MILLIS + 1), Vec::<&str>::new());
    assert_eq!(soon(30 * DAY_MILLIS), ["token_expiring"]);
    assert_eq!(soon(1), ["token_expiring"]);
    assert_eq!(soon(0), ["token_expired"]);
    let replaced = [token(1, Some(-60_000), Some(-1)), token(2, Some(0), None)];
    assert_eq!(tokens_raise(&replaced), Vec::<&str>::new());
    let not_taken_up = [token(1, Some(-60_000), Some(-1)), token(2, None, None)];
    assert_eq!(tokens_raise(&not_taken_up), ["token_expired", "token_stale"]);
}

#[test]
fn a_token_is_stale_after_90_days_while_another_is_used() {
    let pair = |used| tokens_raise(&[token(1, Some(used), None), token(2, Some(0), None)]);
    assert_eq!(pair(-STALE_MILLIS + 1), Vec::<&str>::new());
    assert_eq!(pair(-STALE_MILLIS), ["token_stale"]);
    assert_eq!(tokens_raise(&[token(1, Some(-STALE_MILLIS), None)]), ["provider_silent"]);
}

#[test]
fn twenty_errors_in_a_quarter_of_an_hour_are_a_streak_and_nineteen_are_none() {
    let streak = |status: u16, count: usize, oldest: i64, then: u16| {
        let mut list = vec![(status, 0); count - 1];
        list.extend([(status, oldest), (then, oldest + 1)]);
        raised(&[], &outcomes(&list), Wave::default(), 0)
    };
    let count = limits::ERROR_STREAK_REQUESTS;
    assert_eq!(streak(400, count, STREAK_MILLIS, 200), ["error_streak"]);
    assert_eq!(streak(400, count - 1, STREAK_MILLIS, 200), Vec::<&str>::new());
    assert_eq!(streak(400, count, STREAK_MILLIS + 1, 200), Vec::<&str>::new());
    assert_eq!(streak(401, count, STREAK_MILLIS, 200), ["credentials_refused"]);
    assert_eq!(streak(401, count - 1, STREAK_MILLIS, 200), Vec::<&str>::new());
}

#[test]
fn refused_credentials_do_not_hide_errors_nor_end_a_streak() {
    let mixed: Vec<(u16, i64)> =
        (0..40).map(|number| if number % 2 == 0 { (401, number) } else { (409, number) }).collect();
    assert_eq!(raised(&[], &outcomes(&mixed), Wave::default(), 0), ["error_streak", "credentials_refused"]);
    let mut after_success = vec![(200, 0)];
    after_success.extend(mixed);
    assert_eq!(raised(&[], &outcomes(&after_success), Wave::default(), 0), Vec::<&str>::new());
}

#[test]
fn a_success_clears_and_silence_leaves_a_streak() {
    let directory = testing::directory();
    let verdicts = |list: &[(u16, i64)]| {
        let known = outcomes(list);
        let facts = Facts {
            now: at(0),
            directory: &directory,
            watch: Watch::default(),
            tokens: &[],
            outcomes: &known,
            wave: Wave::default(),
            users_held: 0,
        };
        (errors(&facts), refusals(&facts))
    };
    assert_eq!(verdicts(&[(200, 0), (400, 1)]), (Verdict::Clear, Verdict::Clear));
    assert_eq!(verdicts(&[]), (Verdict::Leave, Verdict::Leave));
    assert_eq!(verdicts(&[(400, 0), (200, 1)]), (Verdict::Leave, Verdict::Leave));
    assert_eq!(verdicts(&[(401, 0), (200, 1)]).0, Verdict::Clear);
}

#[test]
fn a_wave_is_over_when_the_window_has_passed_and_nobody_waits() {
    let verdict = |lost, users_held| {
        let directory = testing::directory();
        let wave = Wave { lost, active_at_start: 10, threshold: 5 };
        let facts = Facts {
            now: at(0),
            directory: &directory,
            watch: Watch::default(),
            tokens: &[],
            outcomes: &[],
            wave: super::Wave { ..wave },
            users_held,
        };
        super::wave(&facts)
    };
    assert_eq!(
        (verdict(0, 0), verdict(1, 0), verdict(0, 1)),
        (Verdict::Clear, Verdict::Leave, Verdict::Leave)
    );
}
