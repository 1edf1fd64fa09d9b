"""kill -9 under load, many times on one folder: what was acknowledged is there, and the log is whole."""
