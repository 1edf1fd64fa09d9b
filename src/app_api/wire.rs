//! The JSON of every object that the app's API sends, made from the plain values of `model`.

pub mod access;
pub mod alarm;
pub mod catalogue;
pub mod connector;
pub mod credential;
pub mod directory;
pub mod directory_group;
pub mod directory_user;
pub mod error;
pub mod health;
pub mod held;
pub mod list;
pub mod mapping;
pub mod organization;
pub mod preview;
pub mod request_record;
pub mod schema;

use std::fmt::Display;

use serde::{Serialize, Serializer};

/// A value that is sent as the text it shows: identifiers and times.
#[derive(Debug, Clone, Copy)]
pub struct Shown<T>(pub T);

impl<T: Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

#[cfg(test)]
mod tests;
