//! Rewrites providers' deviations into standard SCIM before the rest of the program sees them. Each
//! deviation is one named [`Rule`]; a strict directory never calls these functions.

mod rule;

pub use rule::{Rule, note};
