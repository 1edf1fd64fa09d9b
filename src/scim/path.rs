//! Paths of PATCH operations (RFC 7644 §3.5.2, figure 7).
