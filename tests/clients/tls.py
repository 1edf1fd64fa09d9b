"""TLS as openssl sees it: both versions, our authority, and what must be refused."""

from __future__ import annotations

import subprocess
from urllib.parse import urlsplit

from lib.suite import equal, true
from lib.world import World


def openssl(world: World, *options: str) -> tuple[int, str]:
    """`openssl s_client` against the SCIM listener: exit code and all it says."""
    parts = urlsplit(world.daemon.ready["scim_url"])
    command = ["openssl", "s_client", "-connect", f"{parts.hostname}:{parts.port}", "-CAfile", world.daemon.ready["ca_cert"],
               "-verify_return_error", *options]
    run = subprocess.run(command, input=b"", capture_output=True, timeout=30)
    return run.returncode, (run.stdout + run.stderr).decode(errors="replace")


def test_both_versions_are_verified(world: World) -> None:
    for option, version in (("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")):
        code, text = openssl(world, option, "-verify_ip", "127.0.0.1")
        equal(code, 0, text[-1500:])
        true("Verify return code: 0 (ok)" in text and version in text, f"{option}: {text[-1500:]}")


def test_the_certificate_names_localhost(world: World) -> None:
    code, text = openssl(world, "-verify_hostname", "localhost", "-servername", "localhost")
    equal(code, 0, text[-1500:])


def test_another_host_name_does_not_verify(world: World) -> None:
    code, text = openssl(world, "-verify_hostname", "evil.example")
    true(code != 0, "a certificate for another name was accepted")


def test_without_our_authority_it_does_not_verify(world: World) -> None:
    parts = urlsplit(world.daemon.ready["scim_url"])
    run = subprocess.run(["openssl", "s_client", "-connect", f"{parts.hostname}:{parts.port}", "-verify_return_error"],
                         input=b"", capture_output=True, timeout=30)
    true(run.returncode != 0, "an unknown authority was accepted")


def test_old_versions_are_refused(world: World) -> None:
    for option in ("-tls1_1", "-tls1"):
        code, text = openssl(world, option, "-cipher", "DEFAULT@SECLEVEL=0")
        true(code != 0 or "Cipher is (NONE)" in text, f"{option} was accepted")


def test_weak_ciphers_of_1_2_are_refused(world: World) -> None:
    for cipher in ("AES128-SHA", "AES256-GCM-SHA384", "ECDHE-RSA-AES128-SHA"):
        code, text = openssl(world, "-tls1_2", "-cipher", f"{cipher}:@SECLEVEL=0")
        true(code != 0 or "Cipher is (NONE)" in text, f"{cipher} was accepted")


def test_http_2_and_1_1_are_offered(world: World) -> None:
    for wanted in ("h2", "http/1.1"):
        _, text = openssl(world, "-alpn", wanted)
        true(f"ALPN protocol: {wanted}" in text, text[-800:])
