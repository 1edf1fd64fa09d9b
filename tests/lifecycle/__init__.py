"""Deprovisioning and what comes after it: product rules as tables, with the events of each row."""
