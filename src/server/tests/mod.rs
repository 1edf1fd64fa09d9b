//! The server on real sockets, with a surface that does what each test needs.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod connections;
mod harness;
mod requests;
mod stopping;
mod systemd;
mod tls;
