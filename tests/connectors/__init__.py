"""Connectors black box: upstreams that change, fail and lie, and what the app then sees."""
