//! The surface from request to answer, without a network.

mod access;
mod description;
mod directories;
mod events;
mod lists;
mod scene;
