//! Decides which of those absent from a complete listing may be removed without a person.

use std::collections::{BTreeMap, HashSet};

use crate::base::limits;
use crate::base::time::Timestamp;
use crate::model::connector::Memory;

/// Removals without approval are counted over this time: many small waves are one large one.
const WINDOW_MILLIS: i64 = 24 * 3_600 * 1_000;

/// Somebody or something that is stored and was not listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absent {
    /// The id of the SCIM resource.
    pub id: String,
    pub name: String,
    /// Whether a removal takes access away now.
    pub counts: bool,
}

/// What is to be done with the absent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    pub remove: Vec<String>,
    /// How many of them nobody approved.
    pub unapproved: u64,
    pub wait: BTreeMap<String, String>,
}

/// `active` is how many there were before that count.
pub fn judge(memory: &Memory, now: Timestamp, active: usize, absent: Vec<Absent>) -> Verdict {
    let approved: HashSet<&str> = memory.approved.iter().map(String::as_str).collect();
    let denied: HashSet<&str> = memory.denied.iter().map(String::as_str).collect();
    let (approved, rest): (Vec<Absent>, Vec<Absent>) = absent
        .into_iter()
        .filter(|absent| !denied.contains(absent.id.as_str()))
        .partition(|absent| approved.contains(absent.id.as_str()));
    let mut verdict =
        Verdict { remove: approved.into_iter().map(|absent| absent.id).collect(), ..Verdict::default() };
    let counting = u64::try_from(rest.iter().filter(|absent| absent.counts).count()).unwrap_or(u64::MAX);
    let free = free(active).saturating_sub(recent(memory, now));
    match counting <= free {
        true => {
            verdict.unapproved = counting;
            verdict.remove.extend(rest.into_iter().map(|absent| absent.id));
        }
        false => verdict.wait = rest.into_iter().map(|absent| (absent.id, absent.name)).collect(),
    }
    verdict
}

/// How many may go in a day: a tenth, or five where that is more.
fn free(active: usize) -> u64 {
    u64::try_from(limits::CONNECTOR_REMOVALS_FREE_MAX.max(active / 10)).unwrap_or(u64::MAX)
}

fn recent(memory: &Memory, now: Timestamp) -> u64 {
    let since = now.millis() - WINDOW_MILLIS;
    memory.removed.iter().filter(|(at, _)| since < *at).map(|(_, count)| count).sum()
}

/// Remembers how many were removed without approval, for as long as that counts.
pub fn remember(memory: &mut Memory, now: Timestamp, unapproved: u64) {
    memory.removed.retain(|(at, _)| now.millis() - WINDOW_MILLIS < *at);
    if 0 < unapproved {
        memory.removed.push((now.millis(), unapproved));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn absent(count: usize) -> Vec<Absent> {
        (0..count).map(|at| Absent { id: format!("u{at}"), name: format!("n{at}"), counts: true }).collect()
    }

    #[test]
    fn five_or_a_tenth_go_freely_and_one_more_waits() {
        for (active, free) in [(10, 5), (50, 5), (100, 10), (1_000, 100)] {
            let all = judge(&Memory::default(), NOW, active, absent(free));
            assert_eq!((all.remove.len(), all.wait.len()), (free, 0), "{active}");
            let none = judge(&Memory::default(), NOW, active, absent(free + 1));
            assert_eq!((none.remove.len(), none.wait.len()), (0, free + 1), "{active}");
        }
    }

    #[test]
    fn small_waves_of_one_day_count_together() {
        let mut memory = Memory::default();
        remember(&mut memory, NOW.plus_millis(-1_000), 4);
        assert_eq!(judge(&memory, NOW, 10, absent(1)).remove.len(), 1);
        assert_eq!(judge(&memory, NOW, 10, absent(2)).wait.len(), 2);
        assert_eq!(judge(&memory, NOW.plus_millis(WINDOW_MILLIS), 10, absent(5)).remove.len(), 5);
    }

    #[test]
    fn who_was_approved_goes_who_was_denied_stays_and_others_are_judged_anew() {
        let memory = Memory {
            approved: (0..8).map(|at| format!("u{at}")).collect(),
            denied: vec!["u8".to_owned()],
            ..Memory::default()
        };
        let verdict = judge(&memory, NOW, 10, absent(20));
        assert_eq!((verdict.remove.len(), verdict.wait.len(), verdict.unapproved), (8, 11, 0));
        let fewer = judge(&memory, NOW, 10, absent(12));
        assert_eq!((fewer.remove.len(), fewer.unapproved), (11, 3));
    }
}
