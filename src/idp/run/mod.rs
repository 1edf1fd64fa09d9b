//! Plays a scenario as a provider: tests the connection, assigns everybody, sends each change, compares at the end.

mod accounts;
mod change;
mod final_check;
mod verify;

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::base::secret::Secret;

use super::check::{Findings, Need};
use super::client::Client;
use super::link::{Exchange, Line, Link, Stop, Traffic, shortened};
use super::memory::Memory;
use super::provider::{Presence, Provider};
use super::report::Report;
use super::scenario::{Act, Habits, Plan, Scenario, Size};
use super::world::{GroupKey, PersonKey, World};

/// What is to be played, and against whom.
pub struct Options {
    pub provider: &'static dyn Provider,
    pub scenario: Scenario,
    pub size: Size,
    pub seed: u64,
    /// By how much waiting is shortened.
    pub speed: f64,
    pub client: Client,
    pub token: Secret,
}

/// What whoever started the run is told on the way.
pub enum Note<'a> {
    Step(&'a Step),
    /// So many of a long step are done.
    Progress {
        title: &'a str,
        done: usize,
        of: usize,
    },
}

/// One thing that the customer or the provider did.
#[derive(Debug, Clone)]
pub struct Step {
    pub number: usize,
    pub title: String,
    /// The first ones; a long step has more.
    pub exchanges: Vec<Exchange>,
    pub requests: usize,
    pub took: Duration,
    pub failures: Vec<String>,
}

/// Whether the scenario could begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Played {
    Connected,
    NotConnected,
}

/// A run under way.
pub struct Run {
    line: Arc<Line>,
    seed: u64,
    habits: Habits,
    world: World,
    /// Ids that the server gave, as the provider remembers them.
    users: BTreeMap<PersonKey, String>,
    groups: BTreeMap<GroupKey, (String, Presence)>,
    /// Ids of users that were deleted.
    deleted: Vec<String>,
    /// Ids of users and groups that were there before.
    there_before: BTreeSet<String>,
    steps: usize,
    changes: usize,
    failures: usize,
    is_quarantined: bool,
}

/// Plays the whole scenario.
///
/// # Errors
///
/// [`Stop`] when the server can't be reached, or refuses the token.
pub async fn run(options: Options, mut tell: impl FnMut(Note<'_>)) -> Result<Report, Stop> {
    let began = Instant::now();
    let provider = options.provider;
    let habits = Habits { departure: provider.departure(), erases: provider.erases() };
    let plan = options.scenario.plan(options.seed, options.size, habits);
    let line = Arc::new(Line {
        client: options.client,
        provider,
        token: options.token,
        speed: options.speed,
        findings: Findings::default(),
        traffic: Traffic::default(),
        is_connected: AtomicBool::new(false),
        memory: Memory::default(),
    });
    let mut run = Run {
        line: line.clone(),
        seed: options.seed,
        habits,
        world: plan.start.clone(),
        users: BTreeMap::new(),
        groups: BTreeMap::new(),
        deleted: Vec::new(),
        there_before: BTreeSet::new(),
        steps: 0,
        changes: 0,
        failures: 0,
        is_quarantined: false,
    };
    if run.play(&plan, options.speed, &mut tell).await? == Played::Connected {
        run.compare_all(&mut tell).await?;
    }
    Ok(Report {
        provider: provider.name(),
        scenario: options.scenario.name(),
        seed: options.seed,
        took: began.elapsed(),
        traffic: line.traffic.rows(),
        findings: line.findings.all(),
        directory: run.directory(),
    })
}

impl Run {
    async fn play(
        &mut self,
        plan: &Plan,
        speed: f64,
        tell: &mut impl FnMut(Note<'_>),
    ) -> Result<Played, Stop> {
        let link = Link::new(&self.line, "test the connection");
        let began = Instant::now();
        let outcome = self.line.provider.connect(&link).await;
        let is_refused = outcome.is_err();
        self.ended(&link, began, vec![outcome], tell)?;
        if is_refused {
            // The provider's console does not save a connection whose test fails.
            return Ok(Played::NotConnected);
        }
        self.look_around(tell).await?;
        self.assign_people(tell).await?;
        self.assign_groups(tell).await?;
        for act in &plan.acts {
            if self.is_quarantined {
                return Ok(Played::Connected);
            }
            self.wait(act, speed).await;
            let touched = self.change(act, tell).await?;
            if plan.is_checked_on_the_way && !self.is_quarantined {
                self.verify(act, &touched, tell).await?;
            }
        }
        self.certify(tell).await?;
        Ok(Played::Connected)
    }

    async fn wait(&self, act: &Act, speed: f64) {
        let wait = shortened(act.after, speed);
        if !wait.is_zero() {
            sleep(wait).await;
        }
    }

    /// Counts a step, tells it, and stops the run when going on makes no sense.
    fn ended(
        &mut self,
        link: &Link,
        began: Instant,
        outcomes: Vec<Result<(), Stop>>,
        tell: &mut impl FnMut(Note<'_>),
    ) -> Result<(), Stop> {
        self.steps += 1;
        let (exchanges, requests) = link.exchanges();
        let failures: Vec<&Stop> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
        tell(Note::Step(&Step {
            number: self.steps,
            title: link.step.to_string(),
            requests,
            exchanges,
            took: began.elapsed(),
            failures: failures.iter().map(ToString::to_string).collect(),
        }));
        let is_fatal = |stop: &&&Stop| matches!(stop, Stop::NotReached { .. } | Stop::NotAuthorised);
        if let Some(stop) = failures.iter().find(is_fatal) {
            return Err((**stop).clone());
        }
        self.count(link, &outcomes);
        Ok(())
    }

    fn count(&mut self, link: &Link, outcomes: &[Result<(), Stop>]) {
        self.changes += outcomes.len();
        self.failures += outcomes.iter().filter(|outcome| outcome.is_err()).count();
        if !self.is_quarantined && self.line.provider.pace().is_too_much(self.failures, self.changes) {
            self.is_quarantined = true;
            let came = format!("{} of {} failed", self.failures, self.changes);
            link.find(Need::Quarantine, "", "changes that succeed", &came);
        }
    }

    /// Does many things of one kind as a step of its own.
    async fn each<J, F>(
        &mut self,
        title: &str,
        jobs: Vec<J>,
        tell: &mut impl FnMut(Note<'_>),
        start: impl Fn(Link, J) -> F,
    ) -> Result<Vec<F::Output>, Stop>
    where
        F: Future + Send + 'static,
        F::Output: Send + Outcome,
    {
        let (began, link) = (Instant::now(), self.link(title));
        let done = self.spread(&link, jobs, tell, start).await;
        self.ended(&link, began, done.iter().map(Outcome::outcome).collect(), tell)?;
        Ok(done)
    }

    /// Does many things, as many at a time as the provider does.
    async fn spread<J, F>(
        &self,
        link: &Link,
        jobs: Vec<J>,
        tell: &mut impl FnMut(Note<'_>),
        start: impl Fn(Link, J) -> F,
    ) -> Vec<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + Outcome,
    {
        let of = jobs.len();
        let at_once = self.line.provider.pace().at_once;
        let (mut running, mut waiting, mut done) = (JoinSet::new(), jobs.into_iter(), Vec::new());
        loop {
            while running.len() < at_once
                && let Some(job) = waiting.next()
            {
                running.spawn(start(link.clone(), job));
            }
            let Some(ended) = running.join_next().await else { break };
            // A task that panicked has said so on stderr; the run goes on and the comparison shows what is missing.
            let Ok(outcome) = ended else { continue };
            let is_fatal = matches!(outcome.outcome(), Err(Stop::NotReached { .. } | Stop::NotAuthorised));
            done.push(outcome);
            tell(Note::Progress { title: &link.step, done: done.len(), of });
            if is_fatal {
                break;
            }
        }
        done
    }
}

/// The result of one of many jobs.
pub trait Outcome {
    fn outcome(&self) -> Result<(), Stop>;
}

impl<K, T> Outcome for (K, Result<T, Stop>) {
    fn outcome(&self) -> Result<(), Stop> {
        self.1.as_ref().map(|_| ()).map_err(Clone::clone)
    }
}
