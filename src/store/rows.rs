//! Reads identifiers and moments out of rows.

use rusqlite::Row;
use rusqlite::types::Type;

use crate::base::id::{Id, Kind};
use crate::base::time::Timestamp;

/// The identifier in a column.
pub fn id_at<K: Kind>(row: &Row<'_>, column: usize) -> Result<Id<K>, rusqlite::Error> {
    let text = row.get_ref(column)?.as_str().map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
    })?;
    Id::from_ulid_text(text).ok_or_else(|| {
        let reason = format!("{text:?} is not a ULID");
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, reason.into())
    })
}

/// The identifier in a column that may be NULL.
pub fn optional_id_at<K: Kind>(row: &Row<'_>, column: usize) -> Result<Option<Id<K>>, rusqlite::Error> {
    match row.get_ref(column)?.data_type() {
        Type::Null => Ok(None),
        _ => id_at(row, column).map(Some),
    }
}

/// The moment in a column.
pub fn time_at(row: &Row<'_>, column: usize) -> Result<Timestamp, rusqlite::Error> {
    row.get(column).map(Timestamp::from_millis)
}

/// The moment in a column that may be NULL.
pub fn optional_time_at(row: &Row<'_>, column: usize) -> Result<Option<Timestamp>, rusqlite::Error> {
    Ok(row.get::<_, Option<i64>>(column)?.map(Timestamp::from_millis))
}

/// One of our own words in a column, read by `parse`.
pub fn word_at<T>(row: &Row<'_>, column: usize, parse: impl Fn(&str) -> Option<T>) -> Result<T, rusqlite::Error> {
    let text: String = row.get(column)?;
    parse(&text).ok_or_else(|| {
        let reason = format!("{text:?} is not known to this version");
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, reason.into())
    })
}
