//! The surface from request to answer, without a network.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod access;
mod description;
mod directories;
mod events;
mod lifecycle;
mod lists;
mod mapping;
mod mapping_laws;
mod scene;
