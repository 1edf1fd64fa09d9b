//! What systemd gives and wants: sockets opened for us, readiness, a watchdog.

use std::env;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::sync::Mutex;
use std::time::Duration;

use listenfd::ListenFd;
use sd_notify::NotifyState;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// Sockets that systemd opened, named in the socket unit by `FileDescriptorName=`: `scim`, `app`,
/// `app.sock`. One without such a name is the public listener.
#[derive(Debug, Default)]
pub struct Inherited {
    sockets: Mutex<Sockets>,
}

#[derive(Debug, Default)]
pub(super) struct Sockets {
    pub(super) scim: Option<TcpListener>,
    pub(super) app: Option<TcpListener>,
    pub(super) app_socket: Option<UnixListener>,
}

impl Inherited {
    /// Takes what the environment names; nothing when we weren't started that way.
    pub fn from_environment() -> Self {
        let mut given = ListenFd::from_env();
        let names = env::var("LISTEN_FDNAMES").unwrap_or_default();
        let mut names = names.split(':');
        let mut sockets = Sockets::default();
        for index in 0..given.len() {
            match names.next().unwrap_or_default() {
                "app" => sockets.app = given.take_tcp_listener(index).ok().flatten(),
                "app.sock" => sockets.app_socket = given.take_unix_listener(index).ok().flatten(),
                _ => sockets.scim = given.take_tcp_listener(index).ok().flatten().or(sockets.scim),
            }
        }
        Self { sockets: Mutex::new(sockets) }
    }

    pub(super) fn take(&self) -> Sockets {
        std::mem::take(&mut *self.sockets.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

/// Says that the listeners accept.
pub fn notify_ready() {
    notify(&[NotifyState::Ready]);
}

/// Says that the process is stopping.
pub fn notify_stopping() {
    notify(&[NotifyState::Stopping]);
}

/// Shows a line in `systemctl status`.
pub fn notify_status(status: &str) {
    notify(&[NotifyState::Status(status)]);
}

/// Tells systemd's watchdog that we live, twice in each of its intervals, for as long as
/// `is_healthy` says so. Returns at once when there is no watchdog.
pub async fn feed_watchdog(is_healthy: impl Fn() -> bool, shutdown: CancellationToken) {
    let Some(interval) = sd_notify::watchdog_enabled().filter(|interval| *interval > Duration::ZERO) else {
        return;
    };
    loop {
        if is_healthy() {
            notify(&[NotifyState::Watchdog]);
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = sleep(interval / 2) => {}
        }
    }
}

fn notify(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        warn!("systemd can't be told of a change of state: {error}");
    }
}
