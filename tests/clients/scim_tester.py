"""Every check of scim2-tester must succeed on a fresh directory."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

from lib.suite import Case, true
from lib.world import Directory, World


def run(directory: Directory) -> list[object]:
    """The results of all checks, over TLS that trusts only our authority."""
    from httpx2 import Client
    from scim2_client.engines.httpx2 import SyncSCIMClient
    from scim2_tester import check_server

    context = ssl.create_default_context(cafile=directory.ca_cert)
    headers = {"Authorization": f"Bearer {directory.token}"}
    with Client(base_url=directory.base_url, headers=headers, verify=context) as client:
        return list(check_server(SyncSCIMClient(client)))


def cases_checks(world: World) -> Iterator[Case]:
    """One test per check, on a lenient and on a strict directory."""
    from scim2_tester import Status

    good = {Status.SUCCESS, Status.COMPLIANT, Status.ACCEPTABLE}
    for strict in (False, True):
        results = run(world.directory(strict=strict))
        yield f"enough were run, strict {strict}", lambda results=results: true(len(results) > 100, f"{len(results)}")
        for number, result in enumerate(results):
            def test(result: object = result) -> None:
                true(result.status in good, f"{result.status.name}: {result.reason} {str(result.data)[:600]}")
            yield f"{number} {result.title} {result.resource_type or ''}{' strict' if strict else ''}", test
