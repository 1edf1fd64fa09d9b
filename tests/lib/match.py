"""The JSONPath subset and the matchers that transcripts use."""

from __future__ import annotations

import re
from typing import Any

Json = Any
ABSENT = object()
STEP = re.compile(r"\.([A-Za-z0-9_$-]+)|\['([^']*)'\]|\[(\d+)\]")


def select(document: Json, path: str) -> Json:
    """The value at a path such as `$.a.b[0].c` or `$['urn:x'].y`, or ABSENT."""
    if not path.startswith("$"):
        raise ValueError(f"not a path: {path}")
    value, at = document, 1
    while at < len(path):
        step = STEP.match(path, at)
        if step is None:
            raise ValueError(f"cannot read {path!r} from {at}")
        at = step.end()
        value = child(value, step)
        if value is ABSENT:
            return ABSENT
    return value


def child(value: Json, step: re.Match[str]) -> Json:
    """One step down."""
    if step.group(3) is not None:
        index = int(step.group(3))
        return value[index] if isinstance(value, list) and index < len(value) else ABSENT
    name = step.group(1) if step.group(1) is not None else step.group(2)
    return value[name] if isinstance(value, dict) and name in value else ABSENT


def covers(actual: Json, wanted: Json) -> bool:
    """Whether `actual` is `wanted` or an object with at least its members."""
    if isinstance(wanted, dict) and isinstance(actual, dict):
        return all(name in actual and covers(actual[name], value) for name, value in wanted.items())
    return same(actual, wanted)


def same(left: Json, right: Json) -> bool:
    """Equality of JSON: unlike Python, true is not 1."""
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(same(a, b) for a, b in zip(left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[name], right[name]) for name in left)
    return bool(left == right)


def matches(actual: Json, wanted: Json) -> bool:
    """Whether a value meets a matcher, or equals a plain value."""
    if not (isinstance(wanted, dict) and len(wanted) == 1 and next(iter(wanted)).startswith("$")):
        return actual is not ABSENT and same(actual, wanted)
    name, operand = next(iter(wanted.items()))
    present = actual is not ABSENT
    match name:
        case "$exists":
            return present
        case "$absent":
            return not present or actual is None
        case "$empty":
            return not present or actual in (None, [], "", {})
        case "$len":
            return isinstance(actual, (list, str, dict)) and len(actual) == operand
        case "$contains":
            return isinstance(actual, list) and any(contained(item, operand) for item in actual)
        case "$not_contains":
            return not isinstance(actual, list) or not any(contained(item, operand) for item in actual)
        case "$ieq":
            return isinstance(actual, str) and actual.casefold() == str(operand).casefold()
        case "$type":
            return present and json_type(actual) == operand
        case "$any_of":
            return any(matches(actual, option) for option in operand)
        case "$prefix":
            return isinstance(actual, str) and actual.lower().startswith(str(operand).lower())
    raise ValueError(f"unknown matcher {name}")


def contained(item: Json, operand: Json) -> bool:
    """Whether an array's element is the operand or holds at least its members."""
    return covers(item, operand)


def json_type(value: Json) -> str:
    """The JSON type's name."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    return {str: "string", list: "array", dict: "object"}[type(value)]


def shown(value: Json) -> str:
    """A value for a failure's text."""
    return "(absent)" if value is ABSENT else repr(value)[:300]
