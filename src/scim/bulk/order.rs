//! Orders operations so that what is referred to exists: the order of the request, with operations
//! held back until what they need is done. Circles are cut open (RFC 7644 §3.7.1).

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

use serde_json::{Map, Value, json};

use super::references::references;
use super::{Completion, Operation, Step};
use crate::scim::resource::is_urn;
use crate::scim::schema::urn;

/// Orders the operations. Where they refer to one another in a circle, the references of one of
/// them that can't be resolved yet are cut out of its body and added by a later step.
pub(super) fn order(operations: &mut [Operation]) -> Vec<Step> {
    let mut queue = Queue::new(operations);
    let mut steps = Vec::with_capacity(operations.len());
    while queue.remaining > 0 {
        let Some(index) = queue.next_ready() else {
            let closing = queue.in_circle(operations);
            queue.cut(operations, closing);
            continue;
        };
        steps.push(Step::Run { operation: index });
        steps.extend(queue.done(index).into_iter().map(Step::Complete));
    }
    steps
}

struct Queue {
    /// How many operations each one still waits for.
    waiting_for: Vec<usize>,
    /// Who waits for each one.
    dependents: Vec<Vec<usize>>,
    ready: BinaryHeap<Reverse<usize>>,
    done: Vec<bool>,
    remaining: usize,
    completions: Vec<Completion>,
}

impl Queue {
    fn new(operations: &[Operation]) -> Self {
        let mut dependents = vec![Vec::new(); operations.len()];
        for (index, operation) in operations.iter().enumerate() {
            for dependency in &operation.depends_on {
                if let Some(waiting) = dependents.get_mut(*dependency) {
                    waiting.push(index);
                }
            }
        }
        let waiting_for: Vec<usize> = operations.iter().map(|operation| operation.depends_on.len()).collect();
        let is_ready = |(index, count): (usize, &usize)| (*count == 0).then_some(Reverse(index));
        Self {
            ready: waiting_for.iter().enumerate().filter_map(is_ready).collect(),
            waiting_for,
            dependents,
            done: vec![false; operations.len()],
            remaining: operations.len(),
            completions: Vec::new(),
        }
    }

    fn next_ready(&mut self) -> Option<usize> {
        self.ready.pop().map(|Reverse(index)| index)
    }

    /// Marks an operation as done; gives the completions that can follow now.
    fn done(&mut self, index: usize) -> Vec<Completion> {
        self.remaining -= 1;
        if let Some(done) = self.done.get_mut(index) {
            *done = true;
        }
        let dependents = self.dependents.get_mut(index).map(std::mem::take).unwrap_or_default();
        for dependent in dependents {
            self.release(dependent);
        }
        let is_done = |index: &usize| self.done.get(*index).copied().unwrap_or_default();
        let can_follow = |completion: &Completion| {
            is_done(&completion.operation) && completion.depends_on.iter().all(is_done)
        };
        let (follow, wait) = std::mem::take(&mut self.completions).into_iter().partition(can_follow);
        self.completions = wait;
        follow
    }

    fn release(&mut self, index: usize) {
        let Some(count) = self.waiting_for.get_mut(index) else { return };
        *count = count.saturating_sub(1);
        if *count == 0 {
            self.ready.push(Reverse(index));
        }
    }

    /// The first operation of a circle; there is one whenever something is left and nothing ready.
    fn in_circle(&self, operations: &[Operation]) -> usize {
        let is_left = |index: &usize| !self.done.get(*index).copied().unwrap_or(true);
        let first_left = |indices: &[usize]| indices.iter().copied().find(is_left);
        let all: Vec<usize> = (0..operations.len()).collect();
        let mut at = first_left(&all).unwrap_or_default();
        let mut path = vec![at];
        let mut seen = HashSet::from([at]);
        while let Some(next) = operations.get(at).and_then(|operation| first_left(&operation.depends_on)) {
            if !seen.insert(next) {
                let start = path.iter().position(|index| *index == next).unwrap_or_default();
                return path.iter().skip(start).copied().min().unwrap_or(next);
            }
            path.push(next);
            at = next;
        }
        at
    }

    /// Cuts out of an operation what it can't have yet, which makes it ready.
    fn cut(&mut self, operations: &mut [Operation], index: usize) {
        let (done, missing): (Vec<usize>, Vec<usize>) = match operations.get(index) {
            Some(operation) => operation
                .depends_on
                .iter()
                .partition(|dependency| self.done.get(**dependency).copied().unwrap_or_default()),
            None => return,
        };
        let missing_ids: HashSet<String> = missing
            .iter()
            .filter_map(|dependency| {
                operations.get(*dependency).and_then(|operation| operation.bulk_id.clone())
            })
            .collect();
        for dependency in &missing {
            if let Some(waiting) = self.dependents.get_mut(*dependency) {
                waiting.retain(|dependent| *dependent != index);
            }
        }
        let Some(operation) = operations.get_mut(index) else { return };
        operation.depends_on = done;
        if let Ok(request) = &mut operation.request
            && let Some(body) = &mut request.body
        {
            let cut = cut_out(body, &missing_ids);
            let patch = patch(cut);
            self.completions.push(Completion { operation: index, depends_on: missing, patch });
        }
        if let Some(count) = self.waiting_for.get_mut(index) {
            *count = 0;
        }
        self.ready.push(Reverse(index));
    }
}

/// Takes the attributes, or the values of multi-valued ones, that hold one of these references out
/// of a resource: path and value of each.
fn cut_out(body: &mut Map<String, Value>, bulk_ids: &HashSet<String>) -> Vec<(String, Value)> {
    let mut cut = Vec::new();
    let keys: Vec<String> = body.keys().cloned().collect();
    for key in keys {
        match body.get_mut(&key) {
            Some(Value::Object(extension)) if is_urn(&key) => {
                let attributes: Vec<String> = extension.keys().cloned().collect();
                for attribute in attributes {
                    if let Some(value) = cut_attribute(extension, &attribute, bulk_ids) {
                        cut.push((format!("{key}:{attribute}"), value));
                    }
                }
            }
            Some(_) => cut.extend(cut_attribute(body, &key, bulk_ids).map(|value| (key, value))),
            None => {}
        }
    }
    cut
}

fn cut_attribute(object: &mut Map<String, Value>, key: &str, bulk_ids: &HashSet<String>) -> Option<Value> {
    let refers = |value: &Value| references(key, value).iter().any(|bulk_id| bulk_ids.contains(bulk_id));
    match object.get_mut(key) {
        Some(Value::Array(values)) => {
            let (cut, kept): (Vec<Value>, Vec<Value>) = std::mem::take(values).into_iter().partition(refers);
            *values = kept;
            if cut.is_empty() { None } else { Some(Value::Array(cut)) }
        }
        Some(value) if refers(value) => object.shift_remove(key),
        _ => None,
    }
}

fn patch(cut: Vec<(String, Value)>) -> Map<String, Value> {
    let operations: Vec<Value> =
        cut.into_iter().map(|(path, value)| json!({"op": "add", "path": path, "value": value})).collect();
    let mut body = Map::new();
    body.insert("schemas".to_owned(), json!([urn::PATCH_OP]));
    body.insert("Operations".to_owned(), Value::Array(operations));
    body
}
