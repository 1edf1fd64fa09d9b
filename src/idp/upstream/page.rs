//! Pages of a listing: an opaque token leads from each to the next, unless a fault says otherwise.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::faults::{Asked, FaultKind};

/// Where a page begins, and the how-manieth it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub offset: usize,
    pub number: usize,
}

impl Place {
    pub const FIRST: Self = Self { offset: 0, number: 1 };

    /// The place that a token of this listing names.
    pub fn of_token(asked: Asked, token: &str) -> Option<Self> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
        let mut parts = text.split(':');
        let (of, offset, number) = (parts.next()?, parts.next()?, parts.next()?);
        (of == asked.name()).then_some(())?;
        Some(Self { offset: offset.parse().ok()?, number: number.parse().ok()? })
    }

    fn token(self, asked: Asked) -> String {
        URL_SAFE_NO_PAD.encode(format!("{}:{}:{}", asked.name(), self.offset, self.number))
    }

    fn after(self, rows: usize) -> Self {
        Self { offset: self.offset + rows, number: self.number + 1 }
    }
}

/// The rows of one page and the token of the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<Row> {
    pub rows: Vec<Row>,
    pub next: Option<String>,
}

/// One page of all rows, as a fault has it.
pub fn page<Row: Clone>(
    all: &[Row],
    asked: Asked,
    place: Place,
    size: usize,
    fault: Option<&FaultKind>,
) -> Page<Row> {
    let from = match fault {
        Some(FaultKind::PageSkipped) => place.offset + size,
        Some(FaultKind::PageRepeated) => place.offset.saturating_sub(size),
        _ => place.offset,
    };
    let rows = all.iter().skip(from).take(size).cloned().collect();
    let next = match fault {
        Some(FaultKind::TokenLoops) => Some(place),
        Some(FaultKind::PageSkipped) => Some(place.after(2 * size)),
        _ => Some(place.after(size)),
    };
    let leads_on = |next: &Place| fault == Some(&FaultKind::TokenLoops) || next.offset < all.len();
    Page { rows, next: next.filter(leads_on).map(|place| place.token(asked)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Follows the tokens, a fault on page 2; stops where they go round.
    fn walk(fault: Option<&FaultKind>) -> (Vec<u32>, bool) {
        let all: Vec<u32> = (0..10).collect();
        let (mut rows, mut place, mut tokens) = (Vec::new(), Place::FIRST, Vec::new());
        loop {
            let found = page(&all, Asked::Users, place, 3, fault.filter(|_| place.number == 2));
            rows.extend(found.rows);
            let Some(token) = found.next else { return (rows, false) };
            if tokens.contains(&token) {
                return (rows, true);
            }
            place = Place::of_token(Asked::Users, &token).expect("a token of ours");
            tokens.push(token);
        }
    }

    #[test]
    fn tokens_lead_through_every_row_once() {
        assert_eq!(walk(None), ((0..10).collect(), false));
    }

    #[test]
    fn a_skipped_page_is_missed_and_a_repeated_one_comes_in_the_next_ones_place() {
        assert_eq!(walk(Some(&FaultKind::PageSkipped)), (vec![0, 1, 2, 6, 7, 8, 9], false));
        assert_eq!(walk(Some(&FaultKind::PageRepeated)), (vec![0, 1, 2, 0, 1, 2, 6, 7, 8, 9], false));
    }

    #[test]
    fn a_token_that_leads_to_itself_goes_round() {
        assert!(walk(Some(&FaultKind::TokenLoops)).1);
    }

    #[test]
    fn a_token_of_another_listing_is_none() {
        let token = Place::FIRST.token(Asked::Users);
        assert_eq!(Place::of_token(Asked::Groups, &token), None);
        assert_eq!(Place::of_token(Asked::Users, "abc"), None);
        assert_eq!(Place::of_token(Asked::Users, &token), Some(Place::FIRST));
    }
}
