//! The app's side: the WorkOS Directory Sync API and what we offer besides.

pub mod wire;
