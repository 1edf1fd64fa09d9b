//! Reads a directory's brake and how long its provider may be silent.

use std::time::Duration;

use crate::base::limits;
use crate::config::parse_duration;
use crate::model::brake::BrakeMode;
use crate::service::app::directories::WatchChange;

use super::fields::Fields;

/// Reads `brake` and `silence_after`.
pub fn watch_change(fields: &mut Fields) -> WatchChange {
    let mut change = fields.nested("brake", brake).unwrap_or_default();
    change.silence_after_secs = fields.word(
        "silence_after",
        "write a duration of whole seconds like \"26h\", up to 365d, or \"never\"",
        |text| match text {
            "never" => Some(0),
            _ => seconds(text, limits::SILENCE_SECS_MAX),
        },
    );
    change
}

fn brake(fields: &mut Fields) -> WatchChange {
    let percent =
        fields.nullable_number("threshold_percent", "write a whole number from 0 to 100", |number| {
            u32::try_from(number).ok().filter(|percent| *percent <= 100)
        });
    let least =
        fields.nullable_number("threshold_min", "write a whole number", |number| u32::try_from(number).ok());
    WatchChange {
        mode: fields.word("mode", "write alarm, hold or off", BrakeMode::from_name),
        threshold_percent: percent.flatten(),
        threshold_min: least.flatten(),
        window_secs: fields.word("window", "write a duration like \"1h\", from 1s to 7d", |text| {
            seconds(text, limits::BRAKE_WINDOW_SECS_MAX)
        }),
        silence_after_secs: None,
    }
}

/// Whole seconds, at least one.
fn seconds(text: &str, secs_max: u64) -> Option<u32> {
    let secs = parse_duration(text)
        .filter(|duration| duration.subsec_nanos() == 0)
        .map(|duration: Duration| duration.as_secs())?;
    u32::try_from(secs).ok().filter(|_| (1..=secs_max).contains(&secs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_whole_seconds_up_to_their_limit() {
        let window = |text| seconds(text, limits::BRAKE_WINDOW_SECS_MAX);
        assert_eq!((window("1h"), window("7d"), window("1s")), (Some(3_600), Some(604_800), Some(1)));
        for text in ["0s", "7d1s", "1500ms", "soon", ""] {
            assert_eq!(window(text), None, "{text}");
        }
        assert_eq!(seconds("365d", limits::SILENCE_SECS_MAX), Some(31_536_000));
        assert_eq!(seconds("365d1s", limits::SILENCE_SECS_MAX), None);
    }
}
