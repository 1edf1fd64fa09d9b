//! Moments as SCIM writes them (RFC 7643 §2.3.5), comparable whatever their offset, number of fraction
//! digits or year. Wider than `base::time::Timestamp`: Entra writes the years 0001 and 9999.

/// Seconds since 1970-01-01T00:00:00Z and nanoseconds within the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    secs: i64,
    nanos: u32,
}

impl Moment {
    /// Reads `2024-03-01T10:20:30.5Z` with any offset; without one, UTC is meant. Digits of the
    /// fraction beyond the ninth are cut off.
    pub fn parse(text: &str) -> Option<Self> {
        let (date, rest) = text.split_once(['T', 't'])?;
        let days = days_since_1970(date)?;
        let offset_start = rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len());
        let (clock, offset) = rest.split_at(offset_start);
        let (whole, nanos) = match clock.split_once('.') {
            Some((whole, fraction)) => (whole, nanos(fraction)?),
            None => (clock, 0),
        };
        let secs = secs_of_day(whole)?;
        Some(Self { secs: days * 86_400 + secs - offset_secs(offset)?, nanos })
    }

    /// Nanoseconds since 1970, by which a cursor carries it.
    pub fn total_nanos(self) -> i128 {
        i128::from(self.secs) * NANOS_PER_SEC + i128::from(self.nanos)
    }

    /// The moment of [`Moment::total_nanos`]; `None` beyond what a moment can be.
    pub fn from_total_nanos(total: i128) -> Option<Self> {
        let secs = i64::try_from(total.div_euclid(NANOS_PER_SEC)).ok()?;
        let nanos = u32::try_from(total.rem_euclid(NANOS_PER_SEC)).ok()?;
        Some(Self { secs, nanos })
    }
}

const NANOS_PER_SEC: i128 = 1_000_000_000;

fn days_since_1970(date: &str) -> Option<i64> {
    let (year, month, day) = (date.get(..4)?, date.get(5..7)?, date.get(8..)?);
    if date.get(4..5)? != "-" || date.get(7..8)? != "-" {
        return None;
    }
    let (year, month, day) = (digits(year, 4)?, digits(month, 2)?, digits(day, 2)?);
    if !(1..=12).contains(&month) || day < 1 || days_of_month(year, month) < day {
        return None;
    }
    // The year is counted from March, so that the leap day is its last.
    let year_from_march = if month <= 2 { year - 1 } else { year };
    let month_from_march = (month + 9) % 12;
    let era = year_from_march.div_euclid(400);
    let year_of_era = year_from_march.rem_euclid(400);
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

fn days_of_month(year: i64, month: i64) -> i64 {
    let is_leap_year = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if is_leap_year => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn secs_of_day(clock: &str) -> Option<i64> {
    let mut parts = clock.split(':');
    let (hours, minutes, secs) = (parts.next()?, parts.next()?, parts.next()?);
    let (hours, minutes, secs) = (digits(hours, 2)?, digits(minutes, 2)?, digits(secs, 2)?);
    // 60 is a leap second; 24:00:00 is how xsd:dateTime may write the end of a day.
    let is_valid = parts.next().is_none()
        && minutes < 60
        && secs <= 60
        && (hours < 24 || (hours == 24 && minutes == 0 && secs == 0));
    is_valid.then_some(hours * 3_600 + minutes * 60 + secs)
}

fn offset_secs(offset: &str) -> Option<i64> {
    let sign = match offset.get(..1) {
        None => return offset.is_empty().then_some(0),
        Some("Z" | "z") => return (offset.len() == 1).then_some(0),
        Some("-") => -1,
        Some(_) => 1,
    };
    let (hours, minutes) = offset.get(1..)?.split_once(':')?;
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    (hours <= 23 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}

fn nanos(fraction: &str) -> Option<u32> {
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let kept = fraction.get(..9).unwrap_or(fraction);
    format!("{kept:0<9}").parse().ok()
}

fn digits(text: &str, length: usize) -> Option<i64> {
    if text.len() != length || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Timestamp;

    #[test]
    fn any_offset_and_fraction_length_give_one_moment() {
        let expected = Moment::parse("2024-03-01T10:20:30.5Z");
        assert!(expected.is_some());
        for text in [
            "2024-03-01T10:20:30.500Z",
            "2024-03-01T10:20:30.5000000",
            "2024-03-01t12:20:30.5+02:00",
            "2024-03-01T05:50:30.500000000000-04:30",
        ] {
            assert_eq!(Moment::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn moments_agree_with_timestamps() {
        for text in ["1969-12-31T23:59:59.999Z", "2000-02-29T00:00:00Z", "2100-03-01T12:00:00+14:00"] {
            let millis = Timestamp::parse(text).map(Timestamp::millis);
            let moment = Moment::parse(text);
            let ours = moment.map(|moment| moment.secs * 1_000 + i64::from(moment.nanos) / 1_000_000);
            assert_eq!(ours, millis, "{text}");
        }
    }

    #[test]
    fn the_first_and_the_last_year_are_moments_in_order() {
        let texts = ["0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z"];
        let moments: Vec<_> = texts.iter().map(|text| Moment::parse(text).expect(text)).collect();
        assert!(moments.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in [
            "",
            "T",
            "yesterday",
            "2024-03-01",
            "2024-03-01 10:20:30Z",
            "2024-13-01T10:20:30Z",
            "2023-02-29T10:20:30Z",
            "2024-03-01T25:20:30Z",
            "2024-03-01T10:20Z",
            "2024-03-01T10:20:30.Z",
            "2024-03-01T10:20:30+2",
            "2024-03-01T10:20:30ZZ",
            "2024-03-01T10:20:30.5é",
            "éééé-03-01T10:20:30Z",
            "2024-03-01T24:00:01Z",
        ] {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
    }
}
