//! Runs callers side by side for a while and sums up what they saw.

use std::io;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Method;
use tokio::task::JoinSet;

use crate::connection::Connection;
use crate::options::Options;

/// One request of a caller.
pub struct Ask {
    pub method: Method,
    pub path: String,
    pub body: String,
}

/// What answers a scenario counts as done.
fn is_expected(status: u16) -> bool {
    matches!(status, 200 | 201 | 204)
}

/// Each caller asks what `next(caller, turn)` says, one after another, until the time is over.
pub async fn measure<F>(options: &Options, next: F) -> io::Result<String>
where
    F: Fn(usize, usize) -> Ask + Clone + Send + Sync + 'static,
{
    let mut callers = JoinSet::new();
    let began = Instant::now();
    let deadline = began + options.duration;
    for caller in 0..options.callers {
        let mut connection = Connection::open(options).await?;
        let next = next.clone();
        callers.spawn(async move {
            let mut times = Vec::new();
            while Instant::now() < deadline {
                let ask = next(caller, times.len());
                let sent = Instant::now();
                let (status, body) = connection.ask(ask.method, &ask.path, Bytes::from(ask.body)).await?;
                if !is_expected(status) {
                    let text = String::from_utf8_lossy(&body).into_owned();
                    return Err(io::Error::other(format!("{} was answered {status}: {text}", ask.path)));
                }
                times.push(sent.elapsed());
            }
            Ok(times)
        });
    }
    let mut times = Vec::new();
    while let Some(done) = callers.join_next().await {
        times.extend(done.map_err(io::Error::other)??);
    }
    Ok(summary(times, began.elapsed()))
}

fn summary(mut times: Vec<Duration>, took: Duration) -> String {
    times.sort_unstable();
    let at = |part: f64| {
        let index = ((times.len() as f64 * part) as usize).min(times.len().saturating_sub(1));
        times.get(index).map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
    };
    format!(
        "{{\"per_second\":{:.0},\"p50_ms\":{:.3},\"p99_ms\":{:.3},\"asked\":{}}}",
        times.len() as f64 / took.as_secs_f64(),
        at(0.5),
        at(0.99),
        times.len()
    )
}
