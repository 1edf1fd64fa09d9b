//! Fake customers: identity providers as the real ones behave, for developers without one and for our tests.

pub mod upstream;
