"""Mapping of attributes and roles, over HTTP."""
