//! The surface as a whole, without sockets.
