//! What a connection is doing, as its watchdog sees it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use super::Deadlines;

/// Shared by a connection's socket, its requests and its watchdog.
#[derive(Debug)]
pub struct Activity {
    state: Mutex<State>,
    protocol: Protocol,
    /// Bytes wait for the peer to read, perhaps of a response whose body has been taken over whole.
    is_writing: AtomicBool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    Http1,
    Http2,
}

#[derive(Debug)]
struct State {
    requests_open: usize,
    had_request: bool,
    /// When the connection was opened, or its last request ended.
    idle_since: Instant,
    /// The first byte since then: with HTTP/1 the beginning of a head.
    head_began: Option<Instant>,
}

/// What the watchdog has to wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// A request is under way, or its response; their own deadlines count.
    Request,
    /// For the rest of a head, or the first one: the connection is cut off then.
    Head { until: Instant },
    /// For another request: the connection is closed politely then.
    Idle { until: Instant },
}

impl Activity {
    pub fn new(protocol: Protocol) -> Arc<Self> {
        let state =
            State { requests_open: 0, had_request: false, idle_since: Instant::now(), head_began: None };
        Arc::new(Self { state: Mutex::new(state), protocol, is_writing: AtomicBool::new(false) })
    }

    /// Bytes came in.
    pub fn note_read(&self) {
        let mut state = self.lock();
        if state.requests_open == 0 && state.head_began.is_none() {
            state.head_began = Some(Instant::now());
        }
    }

    /// A write has to wait for the peer.
    pub fn note_write_waits(&self) {
        self.is_writing.store(true, Ordering::Relaxed);
    }

    /// All that was written has gone out.
    pub fn note_flushed(&self) {
        if self.is_writing.swap(false, Ordering::Relaxed) {
            self.lock().idle_since = Instant::now();
        }
    }

    /// A request begins; it ends when the guard is dropped.
    pub fn begin_request(self: &Arc<Self>) -> OpenRequest {
        let mut state = self.lock();
        state.requests_open += 1;
        state.had_request = true;
        state.head_began = None;
        OpenRequest { activity: Arc::clone(self) }
    }

    pub fn waiting(&self, deadlines: &Deadlines) -> Waiting {
        let state = self.lock();
        if 0 < state.requests_open || self.is_writing.load(Ordering::Relaxed) {
            return Waiting::Request;
        }
        if !state.had_request {
            return Waiting::Head { until: state.idle_since + deadlines.headers };
        }
        match (self.protocol, state.head_began) {
            // With HTTP/2 bytes are no sign of a request: PING and window updates come too.
            (Protocol::Http1, Some(began)) => Waiting::Head { until: began + deadlines.headers },
            (Protocol::Http1, None) | (Protocol::Http2, _) => {
                Waiting::Idle { until: state.idle_since + deadlines.idle }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request under way, until its response is sent.
#[derive(Debug)]
pub struct OpenRequest {
    activity: Arc<Activity>,
}

impl Drop for OpenRequest {
    fn drop(&mut self) {
        let mut state = self.activity.lock();
        state.requests_open -= 1;
        if state.requests_open == 0 {
            state.idle_since = Instant::now();
            state.head_began = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_watchdog_waits_for_the_right_thing() {
        let deadlines = Deadlines::default();
        let start = Instant::now();
        let activity = Activity::new(Protocol::Http1);
        let after = |secs: u64| start + std::time::Duration::from_secs(secs);
        activity.note_read();
        assert_eq!(activity.waiting(&deadlines), Waiting::Head { until: after(10) });
        let first = activity.begin_request();
        let second = activity.begin_request();
        drop(first);
        assert_eq!(activity.waiting(&deadlines), Waiting::Request);
        tokio::time::advance(std::time::Duration::from_secs(5)).await;
        drop(second);
        assert_eq!(activity.waiting(&deadlines), Waiting::Idle { until: after(80) });
        tokio::time::advance(std::time::Duration::from_secs(5)).await;
        activity.note_read();
        assert_eq!(activity.waiting(&deadlines), Waiting::Head { until: after(20) });
    }

    #[tokio::test(start_paused = true)]
    async fn a_response_that_is_still_being_written_is_under_way() {
        let deadlines = Deadlines::default();
        let activity = Activity::new(Protocol::Http1);
        let request = activity.begin_request();
        activity.note_write_waits();
        drop(request);
        assert_eq!(activity.waiting(&deadlines), Waiting::Request);
        tokio::time::advance(std::time::Duration::from_secs(500)).await;
        activity.note_flushed();
        assert_eq!(activity.waiting(&deadlines), Waiting::Idle { until: Instant::now() + deadlines.idle });
    }

    #[tokio::test(start_paused = true)]
    async fn http2_is_idle_whatever_bytes_come() {
        let deadlines = Deadlines::default();
        let start = Instant::now();
        let activity = Activity::new(Protocol::Http2);
        drop(activity.begin_request());
        activity.note_read();
        assert_eq!(activity.waiting(&deadlines), Waiting::Idle { until: start + deadlines.idle });
    }
}
