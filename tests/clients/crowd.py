"""A directory with 300 users in three groups, so that every client has to turn pages."""

from __future__ import annotations

from typing import Any

from lib.world import BULK, ENTERPRISE, Directory, World, expect, user

Json = Any
USERS = 300


def crowd(world: World) -> tuple[Directory, list[str], list[str]]:
    """The directory, the users' ids in the order of creation, the groups' ids."""
    directory = world.directory("okta")
    operations = [{"method": "POST", "path": "/Users", "bulkId": f"u{n}", "data": person(n)} for n in range(USERS)]
    made: list[str] = []
    for start in range(0, USERS, 100):
        body = {"schemas": [BULK], "Operations": operations[start:start + 100]}
        results = expect(directory.ask("POST", "/Bulk", body), 200).json["Operations"]
        made += [item["location"].rsplit("/", 1)[1] for item in results]
    groups = [directory.create_group(f"Group {n}", made[n::3])["id"] for n in range(3)]
    return directory, made, groups


def person(number: int) -> Json:
    """The n-th user."""
    return user(
        f"user{number:03}@acme.example", externalId=f"ext-{number:03}", active=number % 10 != 9, title="Engineer",
        name={"givenName": "Given", "familyName": f"Family{number:03}"}, displayName=f"User {number:03}",
        emails=[{"value": f"user{number:03}@acme.example", "type": "work", "primary": True}],
        **{ENTERPRISE: {"department": "R&D", "employeeNumber": str(number)}})
