//! The envelope of a page.

use serde::Serialize;

/// A page of objects with the cursors to the pages around it.
#[derive(Debug, Serialize)]
pub struct List<T> {
    object: &'static str,
    pub data: Vec<T>,
    pub list_metadata: Cursors,
}

/// Ids of objects from which to go on; null where there is nothing more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct Cursors {
    pub before: Option<String>,
    pub after: Option<String>,
}

impl<T> List<T> {
    pub fn new(data: Vec<T>, list_metadata: Cursors) -> Self {
        Self { object: "list", data, list_metadata }
    }
}
