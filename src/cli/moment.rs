//! Moments as people write them: a date and time, or a duration from now.

use std::time::Duration;

use crate::base::time::Timestamp;
use crate::config::parse_duration;

/// A moment, or how far it is from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    At(Timestamp),
    Away(Duration),
}

const MILLIS_PER_DAY: i64 = 86_400_000;

/// Reads `2026-01-15T12:00:00Z`, `2026-01-15` (its first moment in UTC) or `90d`.
pub fn moment(text: &str) -> Result<Moment, String> {
    if let Some(duration) = parse_duration(text) {
        return Ok(Moment::Away(duration));
    }
    let at = Timestamp::parse(text).or_else(|| Timestamp::parse(&format!("{text}T00:00:00Z")));
    at.map(Moment::At).ok_or_else(|| {
        "write it like 2026-01-15T12:00:00Z, 2026-01-15, or as a duration like 90d or 1h30m".to_owned()
    })
}

impl Moment {
    /// The moment itself, or so long before now.
    pub fn before(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(moment) => moment,
            Self::Away(duration) => now.plus_millis(-millis(duration)),
        }
    }

    /// The moment itself, or so long after now.
    pub fn after(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(moment) => moment,
            Self::Away(duration) => now.plus_millis(millis(duration)),
        }
    }
}

/// At most a thousand years, so that the sum is a moment that can be written.
fn millis(duration: Duration) -> i64 {
    let longest = MILLIS_PER_DAY * 366 * 1_000;
    i64::try_from(duration.as_millis()).map_or(longest, |millis| millis.min(longest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_dates_times_or_distances() {
        let noon = Timestamp::from_millis(1_768_478_400_000);
        assert_eq!(moment("2026-01-15T12:00:00Z"), Ok(Moment::At(noon)));
        assert_eq!(moment("2026-01-15"), Ok(Moment::At(noon.plus_millis(-MILLIS_PER_DAY / 2))));
        let hour = moment("1h").map(|away| (away.before(noon), away.after(noon)));
        assert_eq!(hour, Ok((noon.plus_millis(-3_600_000), noon.plus_millis(3_600_000))));
        for wrong in ["", "yesterday", "5", "2026-13-01"] {
            assert!(moment(wrong).is_err(), "{wrong}");
        }
    }
}
