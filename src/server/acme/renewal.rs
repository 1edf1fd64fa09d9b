//! When a certificate is renewed: as the authority suggests (RFC 9773), else in the last third of
//! its time.

use std::time::Duration;

use instant_acme::{Account, CertificateIdentifier};

use crate::base::secret;
use crate::base::time::Timestamp;

use super::Stored;

/// Whether to renew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    Now,
    Later(Duration),
}

/// Whether there is no certificate, or its time has come.
pub async fn due(account: &Account, current: Option<&Stored>, now: Timestamp) -> Due {
    let Some(current) = current else { return Due::Now };
    let own = last_third(current.not_before, current.not_after);
    // The authority may want it earlier, after a mistake of its own; never later than we do.
    let at = match suggested(account, current).await {
        Some((start, end)) => within(start, end, secret::random_bytes()).min(own),
        None => own,
    };
    match at <= now {
        true => Due::Now,
        false => Due::Later(Duration::from_millis((at.millis() - now.millis()).unsigned_abs())),
    }
}

fn last_third(from: Timestamp, to: Timestamp) -> Timestamp {
    to.plus_millis(-((to.millis() - from.millis()) / 3))
}

/// The window that the authority suggests; None when it suggests nothing.
async fn suggested(account: &Account, current: &Stored) -> Option<(Timestamp, Timestamp)> {
    let identifier = CertificateIdentifier::try_from(current.leaf()?).ok()?;
    let (info, _) = account.renewal_info(&identifier).await.ok()?;
    let millis = |moment: i64| Timestamp::from_millis(moment.saturating_mul(1_000));
    let window = info.suggested_window;
    Some((millis(window.start.unix_timestamp()), millis(window.end.unix_timestamp())))
}

/// A moment within a window, by chance, so that not all come at once.
fn within(start: Timestamp, end: Timestamp, random: [u8; 4]) -> Timestamp {
    let length = (end.millis() - start.millis()).max(0);
    let share = i128::from(u32::from_le_bytes(random));
    let offset = i128::from(length) * share / i128::from(u32::MAX);
    start.plus_millis(i64::try_from(offset).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn a_third_of_the_time_is_left_for_trouble() {
        assert_eq!(last_third(at(0), at(90)), at(60));
    }

    #[test]
    fn a_moment_by_chance_lies_within_its_window() {
        assert_eq!(within(at(100), at(200), [0; 4]), at(100));
        assert_eq!(within(at(100), at(200), [255; 4]), at(200));
        assert_eq!(within(at(200), at(100), [255; 4]), at(200));
    }
}
