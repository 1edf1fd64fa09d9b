//! The brake of a directory: when the loss of many users' access at once is a wave, and what
//! becomes of it; and how long a provider may be silent.

/// What happens when more users lose access than is usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BrakeMode {
    /// An alarm is raised; nothing is delayed.
    Alarm,
    /// The app's view of those beyond the threshold is frozen until someone decides; `/access`
    /// says no at once.
    Hold,
    Off,
}

impl BrakeMode {
    pub const ALL: [Self; 3] = [Self::Alarm, Self::Hold, Self::Off];

    pub fn name(self) -> &'static str {
        match self {
            Self::Alarm => "alarm",
            Self::Hold => "hold",
            Self::Off => "off",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }
}

/// The settings of a brake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Brake {
    pub mode: BrakeMode,
    /// Of the users that were active when the wave began.
    pub threshold_percent: u32,
    /// So many are no wave, however small the directory.
    pub threshold_min: u32,
    pub window_secs: u32,
}

impl Default for Brake {
    fn default() -> Self {
        Self { mode: BrakeMode::Alarm, threshold_percent: 10, threshold_min: 5, window_secs: 3_600 }
    }
}

impl Brake {
    /// How many may lose access within the window; one more is a wave.
    pub fn threshold(&self, active_at_start: u64) -> u64 {
        let share = active_at_start.saturating_mul(self.threshold_percent.into()) / 100;
        share.max(self.threshold_min.into())
    }

    pub fn window_millis(&self) -> i64 {
        i64::from(self.window_secs) * 1_000
    }
}

/// Settings of a directory that decide what people are alarmed of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watch {
    pub brake: Brake,
    /// A provider that sent nothing for so long is silent; 0 for never.
    pub silence_after_secs: u32,
}

impl Default for Watch {
    fn default() -> Self {
        // A day and a little: Entra and others come at least every 40 minutes, some once a day.
        Self { brake: Brake::default(), silence_after_secs: 93_600 }
    }
}

/// How far a running wave has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wave {
    /// Users that lost access within the window, since the last decision.
    pub lost: u64,
    pub active_at_start: u64,
    pub threshold: u64,
}

impl Wave {
    pub fn is_over(&self) -> bool {
        self.threshold < self.lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threshold_is_a_share_but_never_less_than_the_minimum() {
        let brake = Brake::default();
        for (active, expected) in [(0, 5), (40, 5), (59, 5), (60, 6), (100_000, 10_000)] {
            assert_eq!(brake.threshold(active), expected, "{active}");
        }
        let at = |lost| Wave { lost, active_at_start: 60, threshold: 6 }.is_over();
        assert_eq!((at(6), at(7)), (false, true));
    }

    #[test]
    fn modes_read_back_what_they_are_called() {
        for mode in BrakeMode::ALL {
            assert_eq!(BrakeMode::from_name(mode.name()), Some(mode));
        }
    }
}
