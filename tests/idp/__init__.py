"""Fake providers at work: against the daemon, in trouble, and against a server that is not ours."""
