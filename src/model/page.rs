//! Pages of lists: by the id of an object, forwards or backwards, oldest or newest first.

use ulid::Ulid;

/// By creation, which ids sort by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    OldestFirst,
    NewestFirst,
}

/// Which part of a list is wanted. `after` and `before` name objects in the order of the list; they
/// need not be there any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    pub order: Order,
    pub after: Option<Ulid>,
    pub before: Option<Ulid>,
    pub limit: usize,
}

/// A part of a list, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Whether the list has something before the first one and after the last one.
    pub has_before: bool,
    pub has_after: bool,
}

impl PageRequest {
    /// Without `after`, `before` means the page that ends there: it is read from its end.
    pub fn is_backward(&self) -> bool {
        self.before.is_some() && self.after.is_none()
    }

    /// Whether rows are to be read from the greatest id down.
    pub fn is_descending(&self) -> bool {
        (self.order == Order::NewestFirst) != self.is_backward()
    }

    /// The ids between which the page lies, both exclusive: lower and upper.
    pub fn bounds(&self) -> (Option<Ulid>, Option<Ulid>) {
        match self.order {
            Order::OldestFirst => (self.after, self.before),
            Order::NewestFirst => (self.before, self.after),
        }
    }

    /// How many rows to read: one more than the page, to know whether there are more.
    pub fn rows_wanted(&self) -> usize {
        self.limit.saturating_add(1)
    }

    /// Makes the page of the rows that were read, up to [`PageRequest::rows_wanted`] of them.
    pub fn page<T>(&self, mut rows: Vec<T>) -> Page<T> {
        let has_more = self.limit < rows.len();
        rows.truncate(self.limit);
        if self.is_backward() {
            rows.reverse();
            return Page { items: rows, has_before: has_more, has_after: true };
        }
        Page { items: rows, has_before: self.after.is_some(), has_after: has_more }
    }
}

impl<T> Page<T> {
    pub fn map<U>(self, map: impl FnMut(T) -> U) -> Page<U> {
        let Self { items, has_before, has_after } = self;
        Page { items: items.into_iter().map(map).collect(), has_before, has_after }
    }

    pub fn try_map<U, E>(self, map: impl FnMut(T) -> Result<U, E>) -> Result<Page<U>, E> {
        let Self { items, has_before, has_after } = self;
        Ok(Page { items: items.into_iter().map(map).collect::<Result<_, E>>()?, has_before, has_after })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a page of the list 1 to 9 as a store would.
    fn read(order: Order, after: Option<u128>, before: Option<u128>) -> (Vec<u128>, bool, bool) {
        let request = PageRequest { order, after: after.map(Ulid), before: before.map(Ulid), limit: 3 };
        let (lower, upper) = request.bounds();
        let mut rows: Vec<u128> = (1..=9)
            .filter(|id| lower.is_none_or(|lower| lower.0 < *id) && upper.is_none_or(|upper| *id < upper.0))
            .collect();
        if request.is_descending() {
            rows.reverse();
        }
        rows.truncate(request.rows_wanted());
        let page = request.page(rows);
        (page.items, page.has_before, page.has_after)
    }

    #[test]
    fn pages_lie_where_their_cursors_say() {
        use Order::{NewestFirst, OldestFirst};
        let table = [
            (OldestFirst, None, None, (vec![1, 2, 3], false, true)),
            (OldestFirst, Some(3), None, (vec![4, 5, 6], true, true)),
            (OldestFirst, Some(6), None, (vec![7, 8, 9], true, false)),
            (OldestFirst, None, Some(7), (vec![4, 5, 6], true, true)),
            (OldestFirst, None, Some(4), (vec![1, 2, 3], false, true)),
            (OldestFirst, Some(4), Some(7), (vec![5, 6], true, false)),
            (NewestFirst, None, None, (vec![9, 8, 7], false, true)),
            (NewestFirst, Some(7), None, (vec![6, 5, 4], true, true)),
            (NewestFirst, None, Some(4), (vec![7, 6, 5], true, true)),
            (NewestFirst, Some(1), None, (vec![], true, false)),
        ];
        for (order, after, before, expected) in table {
            assert_eq!(read(order, after, before), expected, "{order:?} {after:?} {before:?}");
        }
    }
}
