//! Runs connectors when they are due: a few at a time, each directory once.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{Id, JoinSet};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::base::id::DirectoryId;
use crate::base::limits;
use crate::base::secret::random_bytes;
use crate::base::time::Timestamp;
use crate::service::AppCaller;
use crate::service::app::connectors::{due, read_connector, set_next_run};

use super::Connectors;

/// How often due runs are looked for, when nobody wakes the schedule.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Directories whose connectors run now.
type Busy = HashMap<DirectoryId, Id>;

/// Runs connectors until `shutdown`. A run under way is then given up: what it has changed is
/// changed, and the next run goes on from there.
pub async fn run(connectors: Arc<Connectors>, shutdown: CancellationToken) {
    let mut running: JoinSet<()> = JoinSet::new();
    let mut busy: Busy = HashMap::new();
    loop {
        start_due(&connectors, &mut running, &mut busy).await;
        tokio::select! {
            Some(ended) = running.join_next_with_id() => {
                let task = match ended {
                    Ok((task, ())) => task,
                    Err(error) => {
                        warn!(is_panic = error.is_panic(), "a connector's run broke off");
                        error.id()
                    }
                };
                busy.retain(|_, running| *running != task);
            }
            () = connectors.sooner.notified() => {}
            () = sleep(LOOK_EVERY) => {}
            () = shutdown.cancelled() => break,
        }
    }
    running.shutdown().await;
}

async fn start_due(connectors: &Arc<Connectors>, running: &mut JoinSet<()>, busy: &mut Busy) {
    let Ok(listed) = due(&connectors.context) else { return };
    let now = connectors.context.clock.now();
    for (directory, _) in listed.into_iter().filter(|(_, at)| *at <= now) {
        if limits::CONNECTOR_RUNS_AT_ONCE_MAX <= running.len() {
            return;
        }
        if busy.contains_key(&directory) {
            continue;
        }
        // Before the run: a daemon that dies in it must not run it again and again.
        let Ok(connector) = read_connector(&connectors.context, &AppCaller::operator(), directory) else {
            continue;
        };
        if set_next_run(&connectors.context, directory, next(now, connector.every_secs)).await.is_err() {
            continue;
        }
        let connectors = Arc::clone(connectors);
        let run = running.spawn(async move { connectors.pull(directory).await });
        busy.insert(directory, run.id());
    }
}

/// A tenth of the interval earlier or later, so that many connectors don't run together for ever.
fn next(now: Timestamp, every_secs: u64) -> Timestamp {
    let millis = i64::try_from(every_secs.saturating_mul(1_000)).unwrap_or(i64::MAX);
    let [random] = random_bytes::<1>();
    let jitter = millis / 10 * (i64::from(random) - 128) / 128;
    now.plus_millis(millis.saturating_add(jitter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_run_is_about_an_interval_away() {
        let now = Timestamp::from_millis(0);
        for _ in 0..100 {
            let at = next(now, 300).millis();
            assert!((270_000..=330_000).contains(&at), "{at}");
        }
    }
}
