"""Replays what identity providers were seen to send, or are documented to send."""
