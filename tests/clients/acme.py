"""Automatic certificates, from a certificate authority that isn't ours (pebble) to a client that verifies."""

from __future__ import annotations

import datetime
import ipaddress
import json
import os
import select
import shutil
import socket
import ssl
import stat
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lib.daemon import binary
from lib.suite import equal, true
from lib.world import World

NAME = "scim.rosterd.test"
PEM = serialization.Encoding.PEM
WAIT_SECS_MAX = 30.0


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(what: str, check: Any) -> Any:
    """What `check` gives, as soon as it gives something."""
    deadline = time.monotonic() + WAIT_SECS_MAX
    while time.monotonic() < deadline:
        try:
            found = check()
        except (OSError, ssl.SSLError):
            found = None
        if found:
            return found
        select.select([], [], [], 0.05)
    raise AssertionError(f"no {what} within {WAIT_SECS_MAX:.0f} s")


class Authority:
    """pebble and its name server, on loopback, with a certificate of its own."""

    def __init__(self, folder: str, tls_port: int) -> None:
        self.folder, self.port, self.management, self.dns = folder, free_port(), free_port(), free_port()
        self.ca, certificate, key = (os.path.join(folder, name) for name in ("ca.pem", "authority.pem", "authority-key.pem"))
        make_tls(self.ca, certificate, key)
        config = {"pebble": {"listenAddress": f"127.0.0.1:{self.port}", "managementListenAddress": f"127.0.0.1:{self.management}",
                             "certificate": certificate, "privateKey": key, "httpPort": free_port(), "tlsPort": tls_port,
                             "ocspResponderURL": "", "externalAccountBindingRequired": False}}
        path = os.path.join(folder, "pebble.json")
        Path(path).write_text(json.dumps(config), encoding="utf-8")
        self.log = open(os.path.join(folder, "pebble.log"), "wb")
        fake_dns = ["pebble-challtestsrv", "-defaultIPv6", "", "-defaultIPv4", "127.0.0.1", "-dns01", f"127.0.0.1:{self.dns}",
                    "-http01", "", "-https01", "", "-tlsalpn01", "", "-management", f"127.0.0.1:{free_port()}"]
        self.processes = [subprocess.Popen(command, stdout=self.log, stderr=self.log, env={**os.environ, "PEBBLE_VA_NOSLEEP": "1"})
                          for command in (fake_dns, ["pebble", "-config", path, "-dnsserver", f"127.0.0.1:{self.dns}"])]
        self.root = until("root of the authority", lambda: self.ask(f"https://127.0.0.1:{self.management}/roots/0"))

    @property
    def directory(self) -> str:
        """What `tls.acme_directory` names."""
        return f"https://127.0.0.1:{self.port}/dir"

    def ask(self, url: str) -> str:
        """A page of the authority's own."""
        context = ssl.create_default_context(cafile=self.ca)
        with urllib.request.urlopen(url, context=context, timeout=5) as answer:
            return str(answer.read().decode())

    def orders(self) -> int:
        """How many orders it has taken."""
        return Path(self.folder, "pebble.log").read_text(encoding="utf-8").count("order-plz")

    def stop(self) -> None:
        """Ends both."""
        for process in self.processes:
            process.terminate()
            process.wait(timeout=10)
        self.log.close()


class Served:
    """`rosterd serve` with tls.mode = "acme"."""

    def __init__(self, folder: str, port: int, authority: Authority) -> None:
        self.data, self.port = os.path.join(folder, "data"), port
        config = Path(folder, "rosterd.toml")
        config.write_text(
            f'public_url = "https://{NAME}"\ndata = "{self.data}"\n[scim]\nlisten = "127.0.0.1:{port}"\n'
            f'[app]\nlisten = ""\n[tls]\nmode = "acme"\nacme_directory = "{authority.directory}"\n'
            f'acme_ca_file = "{authority.ca}"\nacme_email = "admin@rosterd.test"\n', encoding="utf-8")
        self.command = [binary(), "serve", "--config", str(config)]
        self.log = open(os.path.join(folder, "rosterd.log"), "ab")
        clean = {name: value for name, value in os.environ.items() if not name.startswith("ROSTERD_")}
        self.process = subprocess.Popen(self.command, stdout=self.log, stderr=self.log, env=clean)

    def verified(self, root: str) -> bytes | None:
        """The certificate, if a client that trusts the authority alone takes it."""
        context = ssl.create_default_context(cadata=root)
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as plain:
            with context.wrap_socket(plain, server_hostname=NAME) as secure:
                return secure.getpeercert(binary_form=True)

    def stop(self) -> None:
        """Ends it."""
        self.process.terminate()
        self.process.wait(timeout=20)
        self.log.close()


def test_a_certificate_is_obtained_kept_and_renewed(_world: World) -> None:
    folder = tempfile.mkdtemp(prefix="rosterd-acme-")
    port = free_port()
    authority = Authority(folder, port)
    served = Served(folder, port, authority)
    try:
        first = until("certificate of the authority", lambda: served.verified(authority.root))
        orders = authority.orders()
        true(0 < orders, "the authority saw an order")
        for name in ("acme/certificate.pem", "acme/account.json"):
            mode = stat.S_IMODE(os.stat(os.path.join(served.data, name)).st_mode)
            equal(mode, 0o600, f"the mode of {name}")

        served.stop()
        served = Served(folder, port, authority)
        again = until("listener after a restart", lambda: served.verified(authority.root))
        equal(again, first, "a restart serves the certificate that is there")
        equal(authority.orders(), orders, "a restart orders nothing")

        served.stop()
        make_old(os.path.join(served.data, "acme", "certificate.pem"))
        served = Served(folder, port, authority)
        renewed = until("renewed certificate", lambda: served.verified(authority.root))
        true(renewed != first, "a certificate near its end is renewed")
        equal(authority.orders(), orders + 1, "by one order")
    except AssertionError as error:
        log = Path(folder, "rosterd.log").read_text(encoding="utf-8")[-1500:]
        raise AssertionError(f"{error}\n{log}\n{Path(folder, 'pebble.log').read_text(encoding='utf-8')[-1500:]}") from error
    finally:
        served.stop()
        authority.stop()
        shutil.rmtree(folder, ignore_errors=True)


def certificate(subject: str, issuer: str, key: ec.EllipticCurvePrivateKey, days_old: int) -> x509.CertificateBuilder:
    """One that ends tomorrow, not yet signed."""
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)]) for text in (subject, issuer)]
    builder = x509.CertificateBuilder().subject_name(names[0]).issuer_name(names[1]).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    return builder.not_valid_before(now - datetime.timedelta(days=days_old)).not_valid_after(now + datetime.timedelta(days=1))


def pem_key(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The private key as PEM."""
    return key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def make_old(path: str) -> None:
    """Puts a certificate there that is two months old and ends tomorrow."""
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName([x509.DNSName(NAME)])
    made = certificate(NAME, NAME, key, 60).add_extension(names, critical=False).sign(key, hashes.SHA256())
    Path(path).write_bytes(pem_key(key) + made.public_bytes(PEM))


def make_tls(ca_path: str, certificate_path: str, key_path: str) -> None:
    """A CA and a certificate for 127.0.0.1, for the authority's own pages."""
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    is_ca = x509.BasicConstraints(ca=True, path_length=0)
    ca = certificate("test CA", "test CA", ca_key, 1).add_extension(is_ca, critical=True).sign(ca_key, hashes.SHA256())
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = certificate("authority", "test CA", key, 1).add_extension(address, critical=False).sign(ca_key, hashes.SHA256())
    Path(ca_path).write_bytes(ca.public_bytes(PEM))
    Path(certificate_path).write_bytes(made.public_bytes(PEM))
    Path(key_path).write_bytes(pem_key(key))


def test_a_name_that_is_not_ours_is_told_with_what_to_change(_world: World) -> None:
    folder = tempfile.mkdtemp(prefix="rosterd-acme-")
    port = free_port()
    # The authority looks at another port: as if 443 of the name led elsewhere.
    authority = Authority(folder, free_port())
    served = Served(folder, port, authority)
    try:
        log = Path(folder, "rosterd.log")
        until("word in the log", lambda: "port 443 of that name must lead to" in log.read_text(encoding="utf-8"))
        true("a self-signed one is served" in log.read_text(encoding="utf-8"), "the listener goes on")
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection(("127.0.0.1", port), timeout=5) as plain:
            with context.wrap_socket(plain, server_hostname=NAME) as secure:
                true(secure.version() == "TLSv1.3", "TLS is spoken all the same")
    finally:
        served.stop()
        authority.stop()
        shutil.rmtree(folder, ignore_errors=True)
