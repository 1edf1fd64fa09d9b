//! Applies PATCH.
