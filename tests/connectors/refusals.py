"""A connector that cannot work is refused when it is made, with the setting at fault; secrets stay sealed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from typing import Any

from connectors.pulled import Pulled, ask_create
from connectors.upstream import Upstream
from lib.daemon import Daemon
from lib.suite import equal, true
from lib.world import World

Json = Any


def broken(google: Upstream, workday: Upstream, file: Upstream) -> Iterator[tuple[str, Upstream, Json, str]]:
    """What is wrong, whose connector, the settings, and the field that must be named."""
    key = google.about["connector"]["service_account"]
    pem = key["private_key"].replace("MII", "MIJ", 1)
    yield "no key", google, google.connector(service_account=None), "service_account"
    yield "broken key", google, google.connector(service_account={**key, "private_key": pem}), "service_account"
    yield "key of another account", google, google.connector(service_account={**key, "client_email": "x@y.example"}), "service_account"
    yield "key as text", google, google.connector(service_account="hello"), "service_account"
    yield "unknown administrator", google, google.connector(admin_email="nobody@upstream.example"), "admin_email"
    yield "no administrator", google, google.connector(admin_email=None), "admin_email"
    yield "unknown customer", google, google.connector(customer="C999"), "customer"
    yield "unknown domain", google, google.connector(customer=None, domain="other.example"), ""
    yield "unknown group", google, google.connector(groups=["none@upstream.example"]), "groups"
    yield "unknown unit", google, google.connector(org_units=["/Nowhere"]), "org_units"
    yield "unknown setting", google, google.connector(shoe_size=44), "shoe_size"
    yield "unreachable", google, google.connector(api_url="http://127.0.0.1:9"), ""
    yield "too often", google, google.connector(every="1s"), "every"
    yield "unknown kind", google, google.connector(type="ldap"), "type"
    yield "wrong password", workday, workday.connector(basic={"username": "ISU_Roster", "password": "wrong"}), "connector."
    yield "no credentials", workday, workday.connector(basic=None), ""
    wrong_oauth = {**workday.about["oauth"], "refresh_token": "wrong"}
    yield "wrong refresh token", workday, workday.connector(basic=None, oauth=wrong_oauth), "oauth"
    yield "unknown report", workday, workday.connector(url=workday.about["connector"]["url"] + "_2"), "url"
    columns = workday.about["connector"]["columns"]
    yield "unknown column", workday, workday.connector(columns={**columns, "externalId": "Worker_Number"}), "columns"
    yield "column to no attribute", workday, workday.connector(columns={**columns, "emails[": "Email_Work"}), "columns"
    yield "no id column", workday, workday.connector(columns={"userName": "User_Name"}), "columns"
    yield "url and folder", file, file.connector(folder="hr"), "folder"
    yield "folder that leads out", file, file.connector(url=None, basic=None, folder="../etc"), "folder"
    yield "folder without the operator's leave", file, file.connector(url=None, basic=None, folder="hr"), "folder"
    yield "link-local address", file, file.connector(url="http://169.254.169.254/latest/meta-data/"), "url"
    yield "private address", file, file.connector(url="http://10.0.0.1/people.csv"), "url"
    yield "no web address", file, file.connector(url="file:///etc/passwd"), "url"
    yield "wrong format", file, file.connector(format="xlsx"), "format"


def cases_refused(world: World) -> Iterator[tuple[str, Callable[[], None]]]:
    """Every broken configuration, and that no directory is left behind."""
    with Upstream("google") as google, Upstream("workday") as workday, Upstream("file") as file:
        for label, upstream, connector, field in broken(google, workday, file):
            yield label, lambda u=upstream, c=connector, f=field: check(world, u, c, f)


def check(world: World, upstream: Upstream, connector: Json, field: str) -> None:
    """Refused, with the field, without a secret in the answer, and nothing made."""
    before = len(world.app.pages("/directories"))
    answer = ask_create(world, upstream.provider, connector)
    true(answer.status in (400, 422), f"wanted 400 or 422: {answer}")
    fields = " ".join(str(error.get("field", "")) for error in answer.json.get("errors", []))
    true(field in fields and fields, f"the field {field} must be named: {answer}")
    equal(len(world.app.pages("/directories")), before, "directories")
    for secret in secrets_of(upstream):
        true(secret.encode() not in answer.body, f"a secret stands in {answer}")


def secrets_of(upstream: Upstream) -> list[str]:
    """What nobody may read in clear."""
    connector, oauth = upstream.about["connector"], upstream.about.get("oauth") or {}
    found = [connector.get("basic", {}).get("password"), oauth.get("client_secret"), oauth.get("refresh_token")]
    key = connector.get("service_account", {}).get("private_key", "")
    found += [line for line in key.splitlines() if len(line) == 64][:3]
    return [secret for secret in found if secret]


def test_secrets_are_sealed_and_in_no_log(world: World) -> None:
    with Daemon(plain_http=True, env={"ROSTERD_LOG__LEVEL": "trace"}) as daemon:
        own = World(daemon)
        with Upstream("google", people=3) as google, Upstream("workday", people=3) as workday, Upstream("file", people=3) as file:
            pulls = [Pulled(own, google), Pulled(own, file)]
            pulls.append(Pulled(own, workday))
            pulls.append(Pulled(own, workday, workday.connector(basic=None, oauth=workday.about["oauth"])))
            for pulled in pulls:
                equal(pulled.first()["outcome"], "complete", "outcome")
            answers = [own.app.ask("GET", f"/directories/{pulled.id}/connector").body for pulled in pulls]
            answers += [own.app.ask("GET", path).body for path in ("/requests?limit=100", "/events?limit=100", "/alarms")]
            answers += [own.app.connection().request("GET", "/metrics").body, daemon.log().encode()]
            secrets = [secret for upstream in (google, workday, file) for secret in secrets_of(upstream)]
            equal(daemon.stop(), 0, "exit code")
            for folder, _, names in os.walk(daemon.data):
                for name in names:
                    with open(os.path.join(folder, name), "rb") as kept:
                        answers.append(kept.read())
            true(len(secrets) >= 7, f"secrets to look for: {len(secrets)}")
            for secret in secrets:
                # As it is, and as JSON inside JSON would have it.
                written = (secret.encode(), json.dumps(secret)[1:-1].encode())
                true(not any(form in answer for form in written for answer in answers), "a secret stands in clear")


def test_credentials_refused_later_are_shown_until_they_work_again(world: World) -> None:
    with Upstream("google", people=5, groups=1) as upstream:
        pulled = Pulled(world, upstream)
        pulled.first()
        upstream.control("POST", "/expire-tokens")
        upstream.fault({"kind": "refused", "on": "token"})
        pulled.sync()
        equal(world.app.get(f"/directories/{pulled.id}")["state"], "invalid_credentials", "state")
        upstream.fault()
        pulled.complete()
        equal(world.app.get(f"/directories/{pulled.id}")["state"], "linked", "state")
