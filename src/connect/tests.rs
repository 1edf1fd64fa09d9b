//! Connectors against files and small servers in this process.
