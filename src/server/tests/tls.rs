//! Handshakes, and certificates that change while the server runs.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use http::Method;
use rustls::version::{TLS12, TLS13};

use crate::base::time::{Clock, Timestamp};
use crate::config::{Config, PublicUrl, TlsMode};
use crate::server::Deadlines;
use crate::server::tls::{Certificates, Reloaded, TlsError};

use super::harness::{fetch, start, start_with, tls};

#[tokio::test]
async fn tls_12_and_13_carry_http_1_and_2() {
    let server = start(TlsMode::SelfSigned, Deadlines::default());
    for version in [&TLS12, &TLS13] {
        for (alpn, is_http2) in [(vec!["h2", "http/1.1"], true), (vec!["http/1.1"], false), (vec![], false)] {
            let stream = server.tls(&alpn, version).await;
            let answer = fetch(stream, is_http2, Method::GET, "https://localhost/").await;
            assert_eq!(answer.body(), "hello", "{version:?} {alpn:?}");
        }
    }
}

#[tokio::test]
async fn a_client_that_wants_another_protocol_is_refused() {
    let server = start(TlsMode::SelfSigned, Deadlines::default());
    let ca = server.bound.ca_cert.clone().unwrap();
    assert!(tls(server.bound.scim, ca, &["spdy/1"], &TLS13).await.is_err());
}

/// Writes a certificate for localhost that is its own CA; returns the paths of both files.
fn write_pair(folder: &Path) -> (PathBuf, PathBuf) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (cert, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    fs::write(&cert, made.cert.pem()).unwrap();
    fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    (cert, key)
}

#[tokio::test]
async fn changed_files_are_taken_and_broken_ones_are_not() {
    let server = start_with(TlsMode::Files, Deadlines::default(), |config, folder| {
        let (cert, key) = write_pair(folder.path());
        (config.tls.cert, config.tls.key) = (Some(cert), Some(key));
    });
    let folder = server.folder.path();
    let (cert, old) = (folder.join("cert.pem"), folder.join("old.pem"));
    fs::copy(&cert, &old).unwrap();
    let certificates = server.certificates.clone().unwrap();
    let is_served = async |ca: &Path| tls(server.bound.scim, ca.to_owned(), &[], &TLS13).await.is_ok();
    assert!(is_served(&old).await);
    assert_eq!(certificates.reload(), Reloaded::Unchanged);

    fs::write(folder.join("key.pem"), "nonsense").unwrap();
    assert_eq!(certificates.reload(), Reloaded::Unchanged);
    assert!(is_served(&old).await);

    // A certificate whose key has not been replaced yet.
    write_pair(folder);
    let new_key = fs::read(folder.join("key.pem")).unwrap();
    let other = tempfile::tempdir().unwrap();
    fs::copy(write_pair(other.path()).1, folder.join("key.pem")).unwrap();
    assert_eq!(certificates.reload(), Reloaded::Unchanged);
    assert!(is_served(&old).await);

    fs::write(folder.join("key.pem"), new_key).unwrap();
    assert_eq!(certificates.reload(), Reloaded::Changed);
    assert!(is_served(&cert).await);
    assert!(!is_served(&old).await);
}

fn load(config: &Config, clock: &Clock) -> Result<Certificates, TlsError> {
    Certificates::load(config, clock)
}

fn self_signed(folder: &Path) -> Config {
    let mut config = Config::defaults();
    config.data = folder.to_owned();
    config
}

#[test]
fn a_self_signed_ca_is_made_once_and_its_key_is_private() {
    let folder = tempfile::tempdir().unwrap();
    let config = self_signed(folder.path());
    let clock = Clock::System;
    load(&config, &clock).unwrap();
    let mode = |name: &str| fs::metadata(folder.path().join(name)).unwrap().mode() & 0o7777;
    assert_eq!(mode("ca-key.pem"), 0o600);
    let first = fs::read(folder.path().join("ca.pem")).unwrap();
    load(&config, &clock).unwrap();
    assert_eq!(fs::read(folder.path().join("ca.pem")).unwrap(), first);
    fs::remove_file(folder.path().join("ca-key.pem")).unwrap();
    load(&config, &clock).unwrap();
    assert_ne!(fs::read(folder.path().join("ca.pem")).unwrap(), first);
}

#[test]
fn a_self_signed_certificate_is_renewed_before_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::manual(Timestamp::parse("2026-11-24T00:00:00Z").unwrap());
    let certificates = load(&self_signed(folder.path()), &clock).unwrap();
    let day_millis = 86_400_000;
    clock.advance(59 * day_millis);
    assert_eq!(certificates.reload(), Reloaded::Unchanged);
    clock.advance(day_millis);
    assert_eq!(certificates.reload(), Reloaded::Changed);
    assert_eq!(certificates.reload(), Reloaded::Unchanged);
}

#[tokio::test]
async fn a_self_signed_certificate_is_good_for_the_public_host() {
    let server = start_with(TlsMode::SelfSigned, Deadlines::default(), |config, _| {
        config.public_url = PublicUrl::parse("https://scim.example.com");
    });
    let stream = server.tls(&[], &TLS13).await;
    let leaf = &stream.get_ref().1.peer_certificates().unwrap()[0];
    let contains = |needle: &[u8]| leaf.windows(needle.len()).any(|window| window == needle);
    assert!(contains(b"scim.example.com") && contains(b"localhost"));
    assert!(contains(&[0x87, 0x04, 127, 0, 0, 1]), "127.0.0.1 is not among its addresses");
}

#[test]
fn files_that_are_missing_or_hold_something_else_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let (cert, key) = write_pair(folder.path());
    let mut config = self_signed(folder.path());
    config.tls.mode = TlsMode::Files;
    let mut refused = |cert: &Path, key: &Path| {
        (config.tls.cert, config.tls.key) = (Some(cert.to_owned()), Some(key.to_owned()));
        load(&config, &Clock::System).unwrap_err().to_string()
    };
    assert_eq!(refused(Path::new("/nowhere"), &key), "/nowhere: No such file or directory (os error 2)");
    let error = refused(&key, &key);
    assert!(error.ends_with("key.pem: there is no certificate in PEM form in it"), "{error}");
    let error = refused(&cert, &cert);
    assert!(error.ends_with("cert.pem: there is no private key in PEM form in it"), "{error}");
}
