//! Tables without borders: a header, and cells that can be copied.

use comfy_table::{Attribute, Cell, CellAlignment, Color, ContentArrangement, presets};
use serde_json::Value;

/// One column of a list of objects.
pub struct Column {
    pub title: &'static str,
    pub cell: fn(&Value) -> String,
}

/// Rows of text below a header, or pairs of name and value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    titles: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

/// Columns of numbers, aligned to the right.
const NUMBERS: [&str; 6] = ["USERS", "INACTIVE", "GROUPS", "MEMBERS", "STATUS", "MS"];
/// Words that want attention, and those that are bad news.
const WARNINGS: [&str; 4] = ["inactive", "unlinked", "validating", "expired"];
const ALARMS: [&str; 3] = ["invalid_credentials", "deleting", "denied"];

impl Table {
    pub fn new(titles: Vec<&'static str>) -> Self {
        Self { titles, rows: Vec::new() }
    }

    /// One row for each object.
    pub fn of(columns: &[Column], objects: &[Value]) -> Self {
        let rows = objects
            .iter()
            .map(|object| columns.iter().map(|column| (column.cell)(object)).collect())
            .collect();
        Self { titles: columns.iter().map(|column| column.title).collect(), rows }
    }

    /// Names and values of one thing, without a header.
    pub fn pairs(pairs: Vec<(&str, String)>) -> Self {
        let rows = pairs.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect();
        Self { titles: Vec::new(), rows }
    }

    pub fn add_row(&mut self, row: Vec<String>) {
        self.rows.push(row);
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The lines, without a line end at the last.
    pub fn render(&self, has_colours: bool) -> String {
        let mut table = comfy_table::Table::new();
        // Never wrapped to the terminal's width: an id that is broken in two can't be copied.
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        if has_colours {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        if !self.titles.is_empty() {
            table.set_header(self.titles.iter().map(|title| Cell::new(title).add_attribute(Attribute::Bold)));
        }
        for row in &self.rows {
            table.add_row(row.iter().map(|text| coloured(text)));
        }
        for (index, column) in table.column_iter_mut().enumerate() {
            column.set_padding((0, 2));
            if self.titles.get(index).is_some_and(|title| NUMBERS.contains(title)) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table.trim_fmt()
    }
}

fn coloured(text: &str) -> Cell {
    let cell = Cell::new(text);
    if WARNINGS.contains(&text) {
        cell.fg(Color::Yellow)
    } else if ALARMS.contains(&text) {
        cell.fg(Color::Red)
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::cli::shown::text;

    use super::*;

    const COLUMNS: &[Column] = &[
        Column { title: "KEY", cell: |object| text(object, "/key") },
        Column { title: "USERS", cell: |object| text(object, "/users") },
        Column { title: "STATE", cell: |object| text(object, "/state") },
    ];

    #[test]
    fn columns_stand_apart_without_borders_and_numbers_to_the_right() {
        let objects = [
            json!({"key": "acme", "users": 5, "state": "linked"}),
            json!({"key": "globex-corporation", "users": 1200, "state": "unlinked"}),
        ];
        let expected = "KEY                 USERS  STATE\n\
                        acme                    5  linked\n\
                        globex-corporation   1200  unlinked";
        assert_eq!(Table::of(COLUMNS, &objects).render(false), expected);
    }

    #[test]
    fn pairs_have_no_header() {
        let table = Table::pairs(vec![("id", "1".to_owned()), ("external key", "acme".to_owned())]);
        assert_eq!(table.render(false), "id            1\nexternal key  acme");
    }

    #[test]
    fn colours_are_there_only_when_wanted() {
        let table = Table::of(COLUMNS, &[json!({"key": "acme", "users": 1, "state": "unlinked"})]);
        assert!(table.render(true).contains('\u{1b}'));
        assert!(!table.render(false).contains('\u{1b}'));
    }
}
