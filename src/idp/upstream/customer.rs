//! One fake customer with its upstream: everything that a request reads or changes, in one place.

use std::collections::{BTreeSet, VecDeque};

use crate::base::limits::IDP_UPSTREAM_REQUESTS_KEPT_MAX;
use crate::base::time::Clock;

use super::answer::{Answer, Manner};
use super::faults::{Asked, FaultKind, Faults};
use super::file::{self, Layout};
use super::google::{self, Call};
use super::page::Place;
use super::people::{Change, People, Unknown};
use super::request::Request;
use super::scenario::Step;
use super::tokens::Tokens;
use super::{Kind, workday};

/// What an upstream has answered, for whoever wants to know how it was pulled.
#[derive(Debug, Clone)]
pub struct Answered {
    pub method: String,
    pub path: String,
    pub query: String,
    pub asked: Asked,
    pub page: usize,
    pub status: u16,
    pub has_fault: bool,
}

pub struct Customer {
    pub kind: Kind,
    /// Scheme, address and port, without a slash at the end.
    pub url: String,
    pub people: People,
    pub faults: Faults,
    pub tokens: Tokens,
    pub account: Option<google::ServiceAccount>,
    pub isu: workday::Credentials,
    pub files: file::Credentials,
    pub layout: Layout,
    pub page_rows_max: usize,
    pub clock: Clock,
    /// How often the customer has changed.
    pub revision: u64,
    /// The steps still to come.
    pub steps: VecDeque<Step>,
    /// Steps taken that nobody has been told of yet.
    pub news: Vec<&'static str>,
    /// Whole pulls since the start, without a fault.
    pub pulls: u64,
    /// Listings read to their end since the last change.
    seen: BTreeSet<(Asked, String)>,
    pub answered: VecDeque<Answered>,
}

/// What a new customer starts with.
pub struct Start {
    pub kind: Kind,
    pub url: String,
    pub people: People,
    pub account: Option<google::ServiceAccount>,
    pub page_rows_max: usize,
    pub token_secs: u32,
    pub steps: Vec<Step>,
    pub clock: Clock,
}

impl Customer {
    pub fn new(start: Start) -> Self {
        Self {
            kind: start.kind,
            url: start.url,
            people: start.people,
            faults: Faults::default(),
            tokens: Tokens::new(start.token_secs),
            account: start.account,
            isu: workday::Credentials::generate(),
            files: file::Credentials::generate(),
            layout: Layout::default(),
            page_rows_max: start.page_rows_max,
            clock: start.clock,
            revision: 0,
            steps: start.steps.into(),
            news: Vec::new(),
            pulls: 0,
            seen: BTreeSet::new(),
            answered: VecDeque::new(),
        }
    }

    pub fn token_uri(&self) -> String {
        match self.kind {
            Kind::Google => format!("{}/token", self.url),
            Kind::Workday | Kind::File => format!("{}{}", self.url, workday::token_path()),
        }
    }

    /// Makes the changes true, up to the first that names somebody unknown.
    ///
    /// # Errors
    ///
    /// [`Unknown`], who that is.
    pub fn change(&mut self, changes: &[Change]) -> Result<(), Unknown> {
        self.revision += 1;
        self.seen.clear();
        changes.iter().try_for_each(|change| self.people.apply(change))
    }

    /// Takes the next step of the scenario.
    pub fn advance(&mut self) -> Option<&'static str> {
        let step = self.steps.pop_front()?;
        // A scenario names only people that it made or found; its test plays them all.
        let _ = self.change(&step.changes);
        self.news.push(step.name);
        Some(step.name)
    }

    /// Answers one request, as the faults in force have it.
    pub fn answer(&mut self, request: &Request) -> Answer {
        let asked = self.asked(&request.path);
        let place = request.parameter("pageToken").and_then(|token| Place::of_token(asked, token));
        let page = place.unwrap_or(Place::FIRST).number;
        let fault = self.faults.take(asked, page);
        let mut answer = match fault.as_ref().and_then(|fault| self.instead(fault, asked)) {
            Some(answer) => answer,
            None => spoiled(self.answer_with(request, fault.as_ref()), fault.as_ref()),
        };
        if fault.is_some() {
            answer.ends_listing = false;
        }
        self.note(request, asked, page, &answer, fault.is_some());
        answer
    }

    fn asked(&self, path: &str) -> Asked {
        match self.kind {
            Kind::Google => google::asked(path).0,
            Kind::Workday => workday::asked(path),
            Kind::File => file::asked(path),
        }
    }

    /// The answer that a fault gives in place of the true one.
    fn instead(&mut self, fault: &FaultKind, asked: Asked) -> Option<Answer> {
        let html = b"<!doctype html><title>Sign in</title><p>Please sign in to continue".to_vec();
        let answer = match fault {
            FaultKind::PageMissing => Answer::json(
                404,
                &serde_json::json!({"error": {"code": 404, "message":
                "Not Found", "errors": [{"domain": "global", "reason": "notFound", "message": "Not Found"}]}}),
            ),
            FaultKind::TokenExpired => {
                self.tokens.forget();
                return None;
            }
            FaultKind::Refused => {
                google::token_error(400, "invalid_grant", "Invalid grant: account not found")
            }
            FaultKind::ScopeMissing => google::token_error(
                401,
                "unauthorized_client",
                "Client is unauthorized to retrieve access tokens using this method, or client not authorized for \
                 any of the scopes requested.",
            ),
            FaultKind::ClockSkew => google::token_error(
                400,
                "invalid_grant",
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check \
                 your iat and exp values in the JWT claim.",
            ),
            FaultKind::Quota { reason, retry_after } => {
                let answer = google::quota(403, reason);
                match retry_after {
                    Some(seconds) => answer.with("retry-after", seconds.to_string()),
                    None => answer,
                }
            }
            FaultKind::Status(status) => {
                Answer::new(*status, "text/html", b"<!doctype html><title>Error</title>".to_vec())
            }
            FaultKind::Stall => Answer::new(200, "", Vec::new()).manner(Manner::Never),
            FaultKind::Empty => Answer::new(200, "application/json", Vec::new()),
            FaultKind::WrongType => Answer::new(200, "text/html; charset=utf-8", html),
            FaultKind::Garbage => {
                Answer::new(200, content_type(asked), b"\x00\xff{]]\x1b\x80not what you wanted".to_vec())
            }
            FaultKind::Redirect(to) => Answer::new(302, "", Vec::new()).with("location", to.clone()),
            _ => return None,
        };
        Some(answer)
    }

    fn answer_with(&mut self, request: &Request, fault: Option<&FaultKind>) -> Answer {
        let now = self.clock.now();
        let token_uri = self.token_uri();
        let fewer = match fault {
            Some(FaultKind::Absent(count)) => Some(without_last(&self.people, *count)),
            _ => None,
        };
        let people = fewer.as_ref().unwrap_or(&self.people);
        match (self.kind, &self.account) {
            (Kind::Google, Some(account)) if google::asked(&request.path).0 == Asked::Token => {
                google::give_token(account, request, &token_uri, now, &mut self.tokens)
            }
            (Kind::Google, _) => {
                let call = Call { request, people, fault, page_rows_max: self.page_rows_max };
                google::answer(&call, &self.tokens, now)
            }
            (Kind::Workday, _) if workday::asked(&request.path) == Asked::Token => {
                workday::give_token(&self.isu, request, now, &mut self.tokens)
            }
            (Kind::Workday, _) => workday::answer(&self.isu, request, people, fault, &self.tokens, now),
            (Kind::File, _) => {
                file::answer(&self.files, request, people, fault, self.layout, &modified(self.revision))
            }
        }
    }

    fn note(&mut self, request: &Request, asked: Asked, page: usize, answer: &Answer, has_fault: bool) {
        if self.answered.len() == IDP_UPSTREAM_REQUESTS_KEPT_MAX {
            self.answered.pop_front();
        }
        let query =
            request.query.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
        self.answered.push_back(Answered {
            method: request.method.clone(),
            path: request.path.clone(),
            query,
            asked,
            page,
            status: answer.status,
            has_fault,
        });
        let is_read = matches!(answer.status, 200 | 304) && answer.ends_listing;
        if is_read && self.seen.insert((asked, request.path.clone())) && self.is_pulled() {
            self.pulls += 1;
            self.seen.clear();
            self.advance();
        }
    }

    /// Whether everything there is has been read since the last change.
    fn is_pulled(&self) -> bool {
        let has = |asked: Asked| self.seen.iter().filter(|(seen, _)| *seen == asked).count();
        match self.kind {
            Kind::Google => {
                let groups = self.people.groups.len();
                has(Asked::Users) > 0 && has(Asked::Groups) > 0 && has(Asked::Members) >= groups
            }
            Kind::Workday => has(Asked::Report) > 0,
            Kind::File => has(Asked::File) > 0,
        }
    }
}

fn content_type(asked: Asked) -> &'static str {
    if asked == Asked::File { "text/csv" } else { "application/json" }
}

/// What a fault does to an answer that is otherwise true.
fn spoiled(answer: Answer, fault: Option<&FaultKind>) -> Answer {
    match fault {
        Some(FaultKind::StallBody) => answer.manner(Manner::HalfThenSilence),
        Some(FaultKind::Trickle) => answer.manner(Manner::Trickle),
        Some(FaultKind::Endless) => answer.manner(Manner::Endless),
        Some(FaultKind::Cut) => answer.manner(Manner::HalfThenClosed),
        Some(FaultKind::Truncated) => answer.halved(),
        _ => answer,
    }
}

/// The same customer as if its newest people had never been: no total tells.
fn without_last(people: &People, count: usize) -> People {
    let mut fewer = people.clone();
    let numbers: Vec<usize> =
        people.persons.values().filter(|person| person.is_listed()).map(|person| person.number).collect();
    for number in numbers.iter().rev().take(count) {
        let _ = fewer.apply(&Change::Delete(*number));
        // Not among the deleted either.
        fewer.persons.remove(number);
    }
    fewer
}

/// A moment in the form of HTTP, later with every change.
fn modified(revision: u64) -> String {
    let (minute, second) = (revision / 60 % 60, revision % 60);
    format!("Mon, 02 Nov 2026 08:{minute:02}:{second:02} GMT")
}
