//! The bounded queue in front of the writer: one lane per directory, served in turn.

use std::collections::{HashMap, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::base::id::DirectoryId;
use crate::base::limits;

use super::error::Refusal;
use super::writer::Job;

/// Whose turn a job waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lane {
    Directory(DirectoryId),
    App,
    Housekeeping,
}

/// How many jobs may wait.
#[derive(Debug, Clone, Copy)]
pub struct QueueLimits {
    pub per_directory: usize,
    pub altogether: usize,
}

impl Default for QueueLimits {
    fn default() -> Self {
        Self {
            per_directory: limits::WRITES_QUEUED_PER_DIRECTORY_MAX,
            altogether: limits::WRITES_QUEUED_MAX,
        }
    }
}

pub struct Queue {
    limits: QueueLimits,
    state: Mutex<State>,
    filled: Condvar,
}

#[derive(Default)]
struct State {
    lanes: HashMap<Lane, VecDeque<Job>>,
    /// Lanes that have jobs, in the order in which they are served next.
    turns: VecDeque<Lane>,
    jobs: usize,
    closed: bool,
}

impl Queue {
    pub fn new(limits: QueueLimits) -> Self {
        Self { limits, state: Mutex::new(State::default()), filled: Condvar::new() }
    }

    /// Adds a job at the end of its lane, or says at once why not.
    pub fn push(&self, lane: Lane, job: Job) -> Result<(), Refusal> {
        let mut state = self.lock();
        if state.closed {
            return Err(Refusal::Stopping);
        }
        if self.limits.altogether <= state.jobs {
            return Err(Refusal::StoreBusy);
        }
        let jobs = state.lanes.entry(lane).or_default();
        if self.limits.per_directory <= jobs.len() {
            return Err(Refusal::DirectoryBusy);
        }
        jobs.push_back(job);
        let first_of_lane = jobs.len() == 1;
        if first_of_lane {
            state.turns.push_back(lane);
        }
        state.jobs += 1;
        drop(state);
        self.filled.notify_one();
        Ok(())
    }

    /// Waits for jobs and takes up to `jobs_max`, one of each lane in turn. None when the queue is
    /// closed and empty.
    pub fn take_batch(&self, jobs_max: usize) -> Option<Vec<Job>> {
        let mut state = self.lock();
        while state.jobs == 0 {
            if state.closed {
                return None;
            }
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let mut batch = Vec::with_capacity(jobs_max.min(state.jobs));
        while batch.len() < jobs_max {
            let Some(job) = state.next() else { break };
            batch.push(job);
        }
        Some(batch)
    }

    /// Refuses further jobs; those queued are still served.
    pub fn close(&self) {
        self.lock().closed = true;
        self.filled.notify_all();
    }

    /// Refuses further jobs and drops those queued: their callers learn that nothing was done.
    pub fn abandon(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.lanes.clear();
        state.turns.clear();
        state.jobs = 0;
    }

    pub fn len(&self) -> usize {
        self.lock().jobs
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that can panic runs under the lock, so a poisoned one still holds a whole state.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn next(&mut self) -> Option<Job> {
        let lane = self.turns.pop_front()?;
        let jobs = self.lanes.get_mut(&lane)?;
        let job = jobs.pop_front();
        match jobs.is_empty() {
            true => {
                self.lanes.remove(&lane);
            }
            false => self.turns.push_back(lane),
        }
        self.jobs -= 1;
        job
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Timestamp;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn job(dropped: &Arc<AtomicUsize>) -> Job {
        let dropped = Arc::clone(dropped);
        Box::new(move |_| {
            dropped.fetch_add(1, Ordering::SeqCst);
            super::super::writer::Done::for_test()
        })
    }

    fn lanes() -> (Lane, Lane) {
        let id = || Lane::Directory(DirectoryId::new(Timestamp::from_millis(1)));
        (id(), id())
    }

    #[test]
    fn each_lane_takes_up_to_its_limit_and_refuses_one_more() {
        let queue = Queue::new(QueueLimits { per_directory: 2, altogether: 3 });
        let (busy, quiet) = lanes();
        let dropped = Arc::default();
        assert_eq!(queue.push(busy, job(&dropped)), Ok(()));
        assert_eq!(queue.push(busy, job(&dropped)), Ok(()));
        assert_eq!(queue.push(busy, job(&dropped)), Err(Refusal::DirectoryBusy));
        assert_eq!(queue.push(quiet, job(&dropped)), Ok(()));
        assert_eq!(queue.push(quiet, job(&dropped)), Err(Refusal::StoreBusy));
        queue.close();
        assert_eq!(queue.push(quiet, job(&dropped)), Err(Refusal::Stopping));
        assert_eq!(queue.take_batch(10).map(|batch| batch.len()), Some(3));
        assert!(queue.take_batch(10).is_none());
    }

    #[test]
    fn a_lane_with_one_job_is_not_behind_a_lane_with_many() {
        let queue = Queue::new(QueueLimits { per_directory: 100, altogether: 1_000 });
        let (busy, quiet) = lanes();
        let dropped = Arc::default();
        for _ in 0..50 {
            assert!(queue.push(busy, job(&dropped)).is_ok());
        }
        assert!(queue.push(quiet, job(&dropped)).is_ok());
        let batch = queue.take_batch(2).map(|batch| batch.len());
        assert_eq!(batch, Some(2));
        let state = queue.lock();
        assert!(!state.lanes.contains_key(&quiet), "the quiet lane was served in the first round");
    }
}
