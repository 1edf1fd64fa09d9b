//! rosterd: directory sync beside your app.
//!
//! Folders read like the way of a request, lowest layer first; a module names only modules above
//! its own line, and `tests/tidy.rs` fails when the code says otherwise.
//!
//! - `base`: facts every layer shares: identifiers, time, secrets, limits.
//! - `config`: reads and checks the configuration and explains what is wrong.
//! - `scim`: RFC 7643 and 7644 as pure functions on values; no clock, no socket, no SQL.
//! - `model`: the product's own nouns and rules, also pure.
//! - `store`: the SQLite file: one writer thread, a few readers, all the SQL there is.
//! - `service`: what the product can do, one verb per file; the only place where a transaction begins.
//! - `web`: HTTP as this product needs it: bounded bodies, requests, responses.
//! - `connect`: pulls from providers that push nothing, by the verbs of `service`.
//! - `scim_api`, `app_api`: the two surfaces; they never name each other.
//! - `idp`: fake providers that drive any SCIM server as the real ones do, and servers to pull from.
//! - `server`: sockets, TLS, certificates, connection limits, graceful stop.
//! - `app`, `cli`: build the parts, run, stop; the commands.

pub mod app;
pub mod app_api;
pub mod base;
pub mod cli;
pub mod config;
pub mod connect;
pub mod idp;
pub mod model;
pub mod scim;
pub mod scim_api;
pub mod server;
pub mod service;
pub mod store;
pub mod web;
