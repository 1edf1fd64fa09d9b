"""A run over all users goes on after kill -9 and tells of everyone once."""

from __future__ import annotations

import shutil
import tempfile

from lib.daemon import Daemon
from lib.fold import check_log
from lib.suite import equal, true
from lib.world import BULK, World, expect
from mapping.scene import settle

USERS = 2_000
BULK_AT_A_TIME = 500


def fill(world: World) -> str:
    """Makes the users; the directory's id."""
    directory = world.acme()
    for start in range(0, USERS, BULK_AT_A_TIME):
        operations = [{"method": "POST", "path": "/Users", "bulkId": str(number),
                       "data": {"userName": f"u{number}@x.example", "title": f"T{number}"}}
                      for number in range(start, start + BULK_AT_A_TIME)]
        answer = expect(directory.ask("POST", "/Bulk", {"schemas": [BULK], "Operations": operations}), 200).json
        true(all(item["status"] == "201" for item in answer["Operations"]), "every user is made")
    return directory.id


def test_kill_9_in_the_middle_of_a_run(_: World) -> None:
    data = tempfile.mkdtemp(prefix="rosterd-test-")
    daemon = Daemon(data, plain_http=True).start()
    try:
        world = World(daemon)
        directory = fill(world)
        document = {"attributes": {"t": "title"}, "roles": {"default": "member"}}
        expect(world.app.ask("PUT", f"/directories/{directory}/mapping", document), 200)
        last = world.app.get("/events?order=desc&limit=1")["data"][0]["id"]
        world.app.get(f"/events?wait=10&limit=1&after={last}")
        state = world.app.get(f"/directories/{directory}/mapping")["remap"]
        daemon.kill()
        true(state["state"] == "running" and state["done"] < USERS, f"it was killed in the middle: {state}")
        daemon = Daemon(data, plain_http=True).start()
        world = World(daemon)
        mapping = settle(world.app, directory)
        equal((mapping["remap"]["state"], mapping["remap"]["done"]), ("done", USERS), "remap")
        events = [event for event in check_log(world.app, directory) if event["context"]["cause"] == "remapped"]
        equal(len(events), USERS, "events")
        equal(len({event["data"]["id"] for event in events}), USERS, "each user once")
        users = world.app.pages(f"/directory_users?directory={directory}", 1000)
        equal({user["custom_attributes"]["t"] for user in users}, {f"T{number}" for number in range(USERS)}, "titles")
    finally:
        daemon.kill()
        shutil.rmtree(data, ignore_errors=True)
