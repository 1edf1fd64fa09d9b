//! One run of a connector: list, prove that nothing is missing, apply, write down how it went.

use std::time::Duration;

use serde_json::{Map, Value};
use tokio::time::{Instant, timeout};
use tracing::{info, warn};

use crate::base::id::{DirectoryId, RequestId};
use crate::base::limits;
use crate::model::alarm::AlarmKind;
use crate::model::connector::{Connector, Memory, Outcome, RunReport};
use crate::model::directory::DirectoryState;
use crate::service::alarms::counts;
use crate::service::app::connectors::{self, Credentials, FinishRun, finish_run};
use crate::service::{AppCaller, Caller, authenticate};

use super::apply::{Done, Work};
use super::guard;
use super::listing::Listing;
use super::source::{Source, Tools};
use super::trouble::{Trouble, TroubleKind};
use super::upstream::Upstream;
use super::{Connectors, source};

/// What a run came to.
struct Ended {
    done: Done,
    /// The first reason why the listing proves no absence, or why the run ended.
    trouble: Option<Trouble>,
    outcome: Outcome,
    credentials: Credentials,
}

impl Connectors {
    /// Runs a directory's connector now.
    pub(super) async fn pull(&self, directory: DirectoryId) {
        let operator = AppCaller::operator();
        // Without a connector, or a store to tell of it, there is nothing to run.
        let Ok(connector) = connectors::read_connector(&self.context, &operator, directory) else { return };
        let Ok(caller) = authenticate::connector(&self.context, directory) else { return };
        if matches!(caller.directory.state, DirectoryState::Unlinked | DirectoryState::Deleting) {
            return;
        }
        let started = Instant::now();
        let started_at = self.context.clock.now();
        let result = self.attempt(&connector, &caller).await;
        let report = RunReport {
            id: RequestId::new(started_at).ulid_text(),
            started_at: started_at.to_string(),
            duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            outcome: result.outcome,
            counts: result.done.counts,
            error: result.trouble.as_ref().map(|trouble| trouble.message.clone()),
            hint: result.trouble.as_ref().map(|trouble| trouble.hint.to_owned()),
            refused: result.done.refused.clone(),
        };
        info!(%directory, outcome = ?report.outcome, users = report.counts.users_listed, "a connector ran");
        let alarms = alarms(&result);
        let now = self.context.clock.now();
        let (outcome, credentials, done) = (result.outcome, result.credentials, result.done);
        let remember = move |memory: &mut Memory| remember(memory, now.millis(), outcome, done);
        if let Err(failure) =
            finish_run(&self.context, &connector, FinishRun { report, credentials, alarms }, remember).await
        {
            warn!(%directory, %failure, "the report of a connector's run was not kept");
        }
    }

    async fn attempt(&self, connector: &Connector, caller: &Caller) -> Ended {
        let failed = |trouble: Trouble| {
            let credentials = match trouble.kind {
                TroubleKind::Credentials => Credentials::Refused,
                _ => Credentials::Unknown,
            };
            Ended { done: Done::default(), trouble: Some(trouble), outcome: Outcome::Failed, credentials }
        };
        let source = match self.open(connector, caller) {
            Ok(source) => source,
            Err(trouble) => return failed(trouble),
        };
        let within = Duration::from_secs(limits::CONNECTOR_RUN_SECS_MAX);
        let upstream = Upstream::new(self.client.clone(), self.patience, Instant::now() + within);
        let schema = &caller.registry.user;
        let tools = Tools { upstream, folder: self.folder.as_deref(), schema, clock: &self.context.clock };
        let listed = timeout(within, source.list(&tools)).await;
        let listing = match listed {
            Ok(Ok(listing)) => listing,
            Ok(Err(trouble)) => return failed(trouble),
            Err(_) => {
                return failed(Trouble::new(
                    TroubleKind::Upstream,
                    "",
                    format!("the listing took more than {} s", limits::CONNECTOR_RUN_SECS_MAX),
                    "narrow the scope of the connector",
                ));
            }
        };
        match self.apply(connector, caller, &source, &tools, listing).await {
            Ok(result) => result,
            Err(trouble) => failed(trouble),
        }
    }

    async fn apply(
        &self,
        connector: &Connector,
        caller: &Caller,
        source: &Source,
        tools: &Tools<'_>,
        mut listing: Listing,
    ) -> Result<Ended, Trouble> {
        let own = |_| Trouble::own("the store can't be read", "it is tried again at the next run");
        let mut work = Work::new(&self.context, caller, connector).await.map_err(own)?;
        prove(&mut listing, &work);
        if listing.is_complete() {
            let absent = work.missing(&listing).users.into_iter().filter_map(|(_, id)| id);
            if let Some(gap) = source.doubts(tools, absent.collect()).await {
                listing.gap(gap);
            }
        }
        let applied = work.apply(&listing).await;
        let is_complete = listing.is_complete() && applied.is_ok();
        let outcome = if is_complete { Outcome::Complete } else { Outcome::Partial };
        let trouble = applied.err().or_else(|| listing.gaps.into_iter().next());
        Ok(Ended { done: work.done, trouble, outcome, credentials: Credentials::Accepted })
    }

    /// The source with its secrets.
    fn open(&self, connector: &Connector, caller: &Caller) -> Result<Source, Trouble> {
        let settings = self.unsealed(connector)?;
        source::read(settings, &caller.registry.user).map_err(|faults| {
            let fault = faults
                .first()
                .map_or_else(String::new, |fault| format!("{}: {}", fault.field, fault.message));
            Trouble::own(
                format!("the settings are not understood by this version ({fault})"),
                "set the connector again",
            )
        })
    }
}

/// What every listing must show before absence from it means anything.
fn prove(listing: &mut Listing, work: &Work<'_>) {
    if listing.users.is_empty() && !work.stored.users.is_empty() {
        listing.gap(Trouble::content(
            "the listing is empty, though there were users",
            "check what the report or the scope holds; delete the directory if everybody shall go",
        ));
    }
    if listing.has_groups && listing.groups.is_empty() && !work.stored.groups.is_empty() {
        listing.gap(Trouble::content(
            "no group is listed, though there were some",
            "check what the account may read",
        ));
    }
}

fn remember(memory: &mut Memory, now: i64, outcome: Outcome, done: Done) {
    if outcome != Outcome::Complete {
        return;
    }
    guard::remember(memory, crate::base::time::Timestamp::from_millis(now), done.unapproved);
    memory.last_complete_at = Some(now);
    memory.last_complete_users = done.counts.users_listed;
    let is_absent = |id: &String| done.absent.contains(id);
    // A person may have decided while the run went on: what was decided waits no more.
    let decided = |memory: &Memory, id: &String| memory.approved.contains(id) || memory.denied.contains(id);
    let still: Vec<String> = done.wait.keys().filter(|id| decided(memory, id)).cloned().collect();
    memory.waiting = done.wait.clone();
    memory.waiting.retain(|id, _| !still.contains(id));
    // Those approved before were removed by this run, or are back.
    memory.approved.retain(|id| still.contains(id));
    memory.denied.retain(is_absent);
}

/// Which alarms stand after a run, and which are over. What can't be known stays as it is.
fn alarms(ended: &Ended) -> Vec<(AlarmKind, Option<Map<String, Value>>)> {
    let detail = ended.trouble.as_ref().map(|trouble| {
        // The message may name people; the report has it.
        let mut detail = Map::new();
        detail.insert("problem".to_owned(), trouble.kind.name().into());
        detail.insert("hint".to_owned(), trouble.hint.into());
        detail
    });
    let is = |outcome: Outcome| detail.clone().filter(|_| ended.outcome == outcome);
    let refused = ended.credentials == Credentials::Refused;
    let mut alarms = vec![(AlarmKind::ConnectorFailed, is(Outcome::Failed).filter(|_| !refused))];
    match ended.credentials {
        Credentials::Refused => alarms.push((AlarmKind::ConnectorCredentials, detail.clone())),
        Credentials::Accepted => alarms.push((AlarmKind::ConnectorCredentials, None)),
        Credentials::Unknown => {}
    }
    match ended.outcome {
        Outcome::Partial => alarms.push((AlarmKind::ConnectorIncomplete, is(Outcome::Partial))),
        Outcome::Complete => {
            let waiting = ended.done.counts.waiting;
            let waits = (0 < waiting).then(|| counts([("waiting", waiting)]));
            alarms.push((AlarmKind::ConnectorIncomplete, None));
            alarms.push((AlarmKind::ConnectorRemovalsWaiting, waits));
        }
        Outcome::Failed => {}
    }
    alarms
}
