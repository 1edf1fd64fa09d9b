//! Reads and checks the configuration and explains what is wrong.

mod network;

pub use network::Network;
