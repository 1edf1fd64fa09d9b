"""A running daemon with helpers for the app's API and for a customer's directory."""

from __future__ import annotations

import itertools
import json
import threading
import uuid
from typing import Any
from urllib.parse import quote, urlsplit

from lib.daemon import Daemon
from lib.suite import equal, true
from lib.wire import Answer, Connection, tls_context

Json = Any
CORE_USER = "urn:ietf:params:scim:schemas:core:2.0:User"
CORE_GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
SCIM_JSON = "application/scim+json"
PAGE = 100


class App:
    """The app's side: `Authorization: Bearer sk_…` on the plain listener."""

    def __init__(self, url: str, key: str) -> None:
        self.url, self.key = url, key
        self.local = threading.local()

    def connection(self) -> Connection:
        """This thread's connection."""
        if not hasattr(self.local, "connection"):
            self.local.connection = Connection(self.url)
        return self.local.connection

    def ask(self, method: str, path: str, body: Json = None, headers: dict[str, str] | None = None) -> Answer:
        """One request with the key."""
        fields = {"Authorization": f"Bearer {self.key}", "Accept": "application/json"}
        data = None
        if body is not None:
            fields["Content-Type"] = "application/json"
            data = json.dumps(body).encode()
        return self.connection().request(method, path, {**fields, **(headers or {})}, data)

    def get(self, path: str, status: int = 200) -> Json:
        """A GET that must answer `status`, as JSON."""
        return expect(self.ask("GET", path), status).json

    def pages(self, path: str, limit: int = PAGE) -> list[Json]:
        """Every object of a list, by its cursors."""
        found: list[Json] = []
        after: str | None = None
        while True:
            mark = "&" if "?" in path else "?"
            page = self.get(f"{path}{mark}limit={limit}" + (f"&after={quote(after)}" if after else ""))
            found += page["data"]
            after = page["list_metadata"]["after"]
            if not after:
                return found
            true(page["data"], f"{path}: an empty page with a cursor")

    def events(self, directory_id: str) -> list[Json]:
        """The whole log of a directory, oldest first."""
        return self.pages(f"/events?directory={directory_id}&order=asc")

    def access(self, **query: str) -> Json:
        """Who may come in, and why."""
        return self.get("/access?" + "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items()))


def expect(answer: Answer, *statuses: int) -> Answer:
    """The answer, when its status is one of those."""
    if answer.status not in statuses:
        raise AssertionError(f"{answer.asked}: wanted {' or '.join(map(str, statuses))}, got {answer}")
    return answer


class Directory:
    """One customer's directory as its identity provider sees it."""

    def __init__(self, base_url: str, token: str, ca_cert: str | None, about: Json) -> None:
        self.base_url, self.token, self.ca_cert, self.about = base_url.rstrip("/"), token, ca_cert, about
        self.prefix = urlsplit(self.base_url).path
        self.local = threading.local()

    @property
    def id(self) -> str:
        """The directory's id."""
        return self.about["id"]

    def connection(self) -> Connection:
        """This thread's connection."""
        if not hasattr(self.local, "connection"):
            tls = self.base_url.startswith("https") and self.ca_cert
            self.local.connection = Connection(self.base_url, tls_context(self.ca_cert) if tls else None)
        return self.local.connection

    def raw(self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes | None = None) -> Answer:
        """One request exactly as given, `path` after the base URL, nothing added."""
        return self.connection().request(method, self.prefix + path, headers or {}, body)

    def ask(self, method: str, path: str, body: Json = None, headers: dict[str, str] | None = None) -> Answer:
        """One request with the token, the body as SCIM JSON."""
        fields = {"Authorization": f"Bearer {self.token}", "Accept": SCIM_JSON}
        data = None
        if body is not None:
            fields["Content-Type"] = SCIM_JSON
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
        fields.update(headers or {})
        return self.raw(method, path, {name: value for name, value in fields.items() if value is not None}, data)

    def get(self, path: str, *statuses: int) -> Json:
        """A GET's JSON."""
        return expect(self.ask("GET", path), *(statuses or (200,))).json

    def filter(self, kind: str, text: str, more: str = "") -> Json:
        """A list by filter."""
        return self.get(f"/{kind}?filter={quote(text, safe='')}{more}")

    def create_user(self, user_name: str | None = None, **attributes: Json) -> Json:
        """A new user, 201."""
        return expect(self.ask("POST", "/Users", user(user_name, **attributes)), 201).json

    def create_group(self, name: str | None = None, members: list[str] | None = None, **attributes: Json) -> Json:
        """A new group, 201."""
        body = {"schemas": [CORE_GROUP], "displayName": name or f"Group {unique()}", **attributes}
        if members is not None:
            body["members"] = [{"value": member} for member in members]
        return expect(self.ask("POST", "/Groups", body), 201).json

    def patch(self, path: str, *operations: Json, headers: dict[str, str] | None = None) -> Answer:
        """A PATCH of these operations, whatever it is answered."""
        return self.ask("PATCH", path, {"schemas": [PATCH_OP], "Operations": list(operations)}, headers)

    def members(self, group_id: str) -> set[str]:
        """The ids of a group's members."""
        return {member["value"] for member in self.get(f"/Groups/{group_id}").get("members", [])}


def user(user_name: str | None = None, **attributes: Json) -> Json:
    """A User's body."""
    return {"schemas": [CORE_USER], "userName": user_name or f"{unique()}@example.com", **attributes}


COUNTER = itertools.count(1)
RUN = uuid.uuid4().hex[:6]


def unique() -> str:
    """A short word that no other test uses."""
    return f"{RUN}-{next(COUNTER)}"


class World:
    """A daemon, its app side, and as many fresh directories as tests ask for."""

    def __init__(self, daemon: Daemon) -> None:
        self.daemon = daemon
        self.app = App(daemon.ready["app_url"], daemon.ready["api_key"])
        self.ca_cert = daemon.ready.get("ca_cert") or None

    def directory(self, provider: str = "generic", **options: Json) -> Directory:
        """A fresh directory made through the app's API."""
        body = {"name": f"Customer {unique()}", "provider": provider, **options}
        answer = expect(self.app.ask("POST", "/directories", body), 201).json
        return Directory(answer["scim_url"], answer["bearer_token"], self.ca_cert, answer)

    def acme(self) -> Directory:
        """The directory that `dev` makes."""
        ready = self.daemon.ready
        return Directory(ready["scim_url"], ready["scim_token"], self.ca_cert, {"id": ready["directory_id"]})


def is_error(answer: Answer, status: int, scim_type: str | None = None) -> Json:
    """Asserts a SCIM error body with a string status."""
    expect(answer, status)
    true(answer.headers.get("content-type", "").startswith(SCIM_JSON), f"an error must be scim+json: {answer}")
    body = answer.json
    equal(body.get("schemas"), [ERROR], f"{answer.asked}: schemas")
    equal(body.get("status"), str(status), f"{answer.asked}: status")
    if scim_type is not None:
        equal(body.get("scimType"), scim_type, f"{answer.asked}: scimType of {answer}")
    return body
