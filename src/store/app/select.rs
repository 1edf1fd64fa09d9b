//! Builds a query of constant pieces with bound values: a page of rows between two ids.

use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

use crate::model::page::{Page, PageRequest};

/// A query in the making. Its text comes from constants alone; values are bound.
pub struct Select {
    sql: String,
    values: Vec<Value>,
    has_where: bool,
}

impl Select {
    pub fn new(select_from: &str) -> Self {
        Self { sql: select_from.to_owned(), values: Vec::new(), has_where: false }
    }

    /// Adds a condition with a `?` for each value.
    pub fn and(mut self, condition: &'static str, values: impl IntoIterator<Item = Value>) -> Self {
        self.sql.push_str(if self.has_where { " AND " } else { " WHERE " });
        self.has_where = true;
        self.sql.push_str(condition);
        self.values.extend(values);
        self
    }

    /// Adds a condition with one `?` if there is a value for it.
    pub fn and_if(self, condition: &'static str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.and(condition, [value.into()]),
            None => self,
        }
    }

    /// Reads a page, ordered by the id column named.
    pub fn page<T>(
        self,
        connection: &Connection,
        id_column: &'static str,
        request: &PageRequest,
        read: impl FnMut(&Row<'_>) -> Result<T, rusqlite::Error>,
    ) -> Result<Page<T>, rusqlite::Error> {
        self.page_where(connection, id_column, request, read, |_| true)
    }

    /// The same of those rows that `is_wanted` says yes to.
    pub fn page_where<T>(
        mut self,
        connection: &Connection,
        id_column: &'static str,
        request: &PageRequest,
        mut read: impl FnMut(&Row<'_>) -> Result<T, rusqlite::Error>,
        mut is_wanted: impl FnMut(&T) -> bool,
    ) -> Result<Page<T>, rusqlite::Error> {
        let (lower, upper) = request.bounds();
        for (operator, bound) in [(" > ?", lower), (" < ?", upper)] {
            if let Some(bound) = bound {
                self.sql.push_str(if self.has_where { " AND " } else { " WHERE " });
                self.has_where = true;
                self.sql.push_str(id_column);
                self.sql.push_str(operator);
                self.values.push(bound.to_string().into());
            }
        }
        let direction = if request.is_descending() { " DESC" } else { "" };
        self.sql.push_str(&format!(" ORDER BY {id_column}{direction}"));
        let mut statement = connection.prepare_cached(&self.sql)?;
        let mut rows = statement.query(params_from_iter(self.values))?;
        let mut found = Vec::new();
        while found.len() < request.rows_wanted() {
            let Some(row) = rows.next()? else { break };
            let item = read(row)?;
            if is_wanted(&item) {
                found.push(item);
            }
        }
        Ok(request.page(found))
    }
}
