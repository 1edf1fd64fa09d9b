//! Organizations and their domains.
