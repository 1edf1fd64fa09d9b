//! Fake providers: they drive any SCIM server as the real ones do, and say what it got wrong.
//!
//! A [`scenario`] writes down what happens at a fake customer ([`world`]); [`run`] plays it; a
//! [`provider`] turns each change into the requests that the real one would send, over a [`link`]
//! that adds headers, waits and repeats as it does and [`check`]s every answer. Nothing here knows
//! the daemon's own store or service: the same run tests any server. Providers that push nothing are
//! in [`upstream`]: servers to be pulled from.

pub mod check;
pub mod client;
pub mod link;
mod memory;
mod names;
pub mod provider;
mod random;
pub mod report;
pub mod run;
pub mod scenario;
pub mod upstream;
pub mod world;
