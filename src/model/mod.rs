//! The product's own nouns and rules, pure: no I/O, no clock, no SQL.

pub mod access;
pub mod alarm;
pub mod brake;
pub mod catalogue;
pub mod connector;
pub mod credential;
pub mod directory;
pub mod directory_group;
pub mod directory_user;
pub mod event;
pub mod fold;
pub mod health;
pub mod held;
pub mod hint;
pub mod lifecycle;
pub mod mapping;
pub mod organization;
pub mod page;
pub mod preview;
pub mod provider;
pub mod request_record;
pub mod scope;

#[cfg(test)]
pub mod testing;
