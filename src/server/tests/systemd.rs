//! What systemd hands over and is told, with this test binary as the service.

use std::env;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio};

use crate::config::TlsMode;
use crate::server::systemd::{Inherited, notify_ready};
use crate::server::{Deadlines, Options, Server};
use crate::web::metrics::Metrics;

use super::harness::config;

const TEST: &str = "server::tests::systemd::sockets_are_taken_and_readiness_is_told";

#[test]
fn sockets_are_taken_and_readiness_is_told() {
    if env::var_os("LISTEN_PID").is_some() {
        return be_the_service();
    }
    let folder = tempfile::tempdir().unwrap();
    let notifications = UnixDatagram::bind(folder.path().join("notify")).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    // The shell has the process id that the service keeps, and moves the socket to where it belongs.
    let script = "LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=app exec \"$0\" --exact \"$1\" 3<&0";
    let output = Command::new("sh")
        .args(["-c", script, &env::current_exe().unwrap().display().to_string(), TEST])
        .env("NOTIFY_SOCKET", folder.path().join("notify"))
        .env("EXPECTED_ADDRESS", address)
        .stdin(Stdio::from(OwnedFd::from(listener)))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let mut message = [0; 64];
    notifications.set_read_timeout(Some(super::harness::PATIENCE)).unwrap();
    let length = notifications.recv(&mut message).unwrap();
    assert_eq!(&message[..length], b"READY=1\n");
}

fn be_the_service() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _entered = runtime.enter();
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        clock: crate::base::time::Clock::System,
        metrics: Metrics::new().into(),
        deadlines: Deadlines::default(),
        inherited: Inherited::from_environment(),
    };
    let server = Server::bind(&config(&folder, TlsMode::Off), options).unwrap();
    assert_eq!(server.bound().app.unwrap().to_string(), env::var("EXPECTED_ADDRESS").unwrap());
    notify_ready();
}
