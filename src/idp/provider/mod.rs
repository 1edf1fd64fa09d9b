//! The providers: each knows how it asks, what it sends and how it reacts.
//!
//! To add one, write `provider/<name>.rs` with a unit struct, implement [`Provider`] for it and list it in
//! [`PROVIDERS`]. The bodies ([`Provider::user`], [`Provider::group`]) are pure and can be compared with a
//! recorded request; the flows ask through [`Link::send`], which adds the headers and the token, tries again at
//! the provider's [`Pace`], and checks every answer. Defaults hold for most: find first and adopt what is found
//! ([`flow::add_user`]), import and link after a 409. What a provider does otherwise it overrides. A flow must be
//! safe to repeat: an answer can be lost after the server has done what was asked.

mod authentik;
pub mod body;
mod create;
mod cyberark;
pub mod entra;
pub mod flow;
mod jumpcloud;
mod keycloak;
pub mod okta;
mod onelogin;
mod ping;
mod plain;
mod rauthy;
mod rippling;
mod sailpoint;
#[cfg(test)]
mod tests;

use std::pin::Pin;
use std::time::Duration;

use http::Method;
use serde_json::Value;

use super::check::{Expect, Need};
use super::link::{Ask, Link, Stop};
use super::random::Random;
use super::world::{Departure, Person};

/// Every provider that pushes.
pub const PROVIDERS: &[&dyn Provider] = &[
    &okta::OIN,
    &okta::AIW,
    &entra::DEFAULT,
    &entra::COMPLIANT,
    &onelogin::OneLogin,
    &jumpcloud::JumpCloud,
    &ping::Ping,
    &cyberark::CyberArk,
    &sailpoint::SailPoint,
    &rippling::Rippling,
    &authentik::Authentik,
    &keycloak::Keycloak,
    &rauthy::Rauthy,
];

/// The provider of that name.
pub fn by_name(name: &str) -> Option<&'static dyn Provider> {
    PROVIDERS.iter().copied().find(|provider| provider.name() == name)
}

/// Something that a provider does over the network.
pub type Doing<'a, T> = Pin<Box<dyn Future<Output = Result<T, Stop>> + Send + 'a>>;

/// A person as the provider is about to write them.
#[derive(Debug, Clone)]
pub struct Account {
    pub person: Person,
    pub external_id: String,
    pub is_active: bool,
    pub manager: Option<Manager>,
}

/// The person to whom somebody reports.
#[derive(Debug, Clone)]
pub struct Manager {
    /// Not known until they are at the server.
    pub id: Option<String>,
    pub external_id: String,
    pub user_name: String,
    pub display_name: String,
}

/// A group as the provider is about to write it.
#[derive(Debug, Clone)]
pub struct Team {
    pub name: String,
    pub external_id: String,
    /// Everyone who belongs in it after the change.
    pub members: Vec<Member>,
}

/// A member by the id that the server gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub id: String,
    pub display: String,
}

/// How a provider reads Retry-After.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    Ignored,
    /// Whole seconds alone.
    Seconds,
    SecondsOrDate,
}

/// How a provider asks for a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paging {
    /// With `startIndex` and `count` from the first page on.
    Counted,
    /// First without either, then with `startIndex` alone: the server says how much is a page.
    ByServer,
}

/// How fast and how patient a provider is.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Requests at a time.
    pub at_once: usize,
    /// Times that a request is sent before the provider gives up.
    pub attempts: u32,
    pub first_wait: Duration,
    /// Each wait is twice the one before.
    pub doubles: bool,
    /// Statuses that are tried again.
    pub retried: &'static [u16],
    pub retry_after: RetryAfter,
    pub answer_within: Duration,
    /// Members that are sent in one request.
    pub members_at_once: usize,
    /// Failed changes after which the provider stops the whole job, when they are also too many of all.
    pub quarantine_from: Option<usize>,
}

/// Of a hundred changes, those that may fail before a job is stopped.
const FAILED_PERCENT_MAX: usize = 40;

impl Pace {
    /// What most do.
    pub const USUAL: Self = Self {
        at_once: 8,
        attempts: 10,
        first_wait: Duration::from_secs(60),
        doubles: true,
        retried: &[429, 500, 502, 503, 504],
        retry_after: RetryAfter::Seconds,
        answer_within: Duration::from_secs(60),
        members_at_once: 100,
        quarantine_from: None,
    };

    /// Whether the provider stops the job after so many failures.
    pub fn is_too_much(&self, failed: usize, of: usize) -> bool {
        self.quarantine_from.is_some_and(|least| least <= failed && of * FAILED_PERCENT_MAX < failed * 100)
    }

    /// The wait after that attempt, the first being 1.
    pub fn wait(&self, attempt: u32) -> Duration {
        let factor = if self.doubles { 1_u32 << attempt.saturating_sub(1).min(16) } else { 1 };
        self.first_wait.saturating_mul(factor)
    }
}

/// One kind of identity provider.
pub trait Provider: Send + Sync {
    fn name(&self) -> &'static str;

    /// What sets it apart, in a line.
    fn about(&self) -> &'static str;

    fn pace(&self) -> Pace {
        Pace::USUAL
    }

    fn paging(&self) -> Paging {
        Paging::Counted
    }

    /// What it does when a person leaves.
    fn departure(&self) -> Departure {
        Departure::Deactivates
    }

    /// Whether users who left are deleted some time later.
    fn erases(&self) -> bool {
        false
    }

    /// Whether a manager is written only once both are there, by [`Provider::link_manager`].
    fn links_managers_later(&self) -> bool {
        false
    }

    /// Headers besides Authorization, Host and Content-Length.
    fn headers(&self, method: &Method) -> Vec<(&'static str, String)>;

    /// The same for one request, where they depend on more than its method.
    fn headers_of(&self, ask: &Ask) -> Vec<(&'static str, String)> {
        self.headers(&ask.method)
    }

    /// A person's `externalId`.
    fn external_id(&self, random: Random) -> String;

    /// A group's `externalId`; not every provider sends it.
    fn group_external_id(&self, random: Random) -> String {
        self.external_id(random)
    }

    /// The body of the POST that creates the user.
    fn user(&self, account: &Account) -> Value;

    /// What a read must show of the user.
    fn expected_user(&self, account: &Account) -> Value {
        self.user(account)
    }

    /// The body of the POST that creates the group.
    fn group(&self, team: &Team) -> Value;

    /// Why this provider needs that.
    fn reason(&self, need: Need) -> &'static str {
        need.reason()
    }

    /// What happens when the customer's admin presses the button that tests the connection.
    fn connect<'a>(&'a self, link: &'a Link) -> Doing<'a, ()>;

    /// Looks for the user before creating it.
    fn find_user<'a>(&'a self, link: &'a Link, account: &'a Account) -> Doing<'a, Option<Value>>;

    /// Makes sure that the user is there, and gives its id.
    fn add_user<'a>(&'a self, link: &'a Link, account: &'a Account) -> Doing<'a, String> {
        Box::pin(flow::add_user(link, account))
    }

    /// Writes the attributes as they are now.
    fn update_user<'a>(&'a self, link: &'a Link, id: &'a str, account: &'a Account) -> Doing<'a, ()>;

    /// The same for providers that make a user anew when the server has lost it; gives the id it has now.
    fn write_user<'a>(&'a self, link: &'a Link, id: &'a str, account: &'a Account) -> Doing<'a, String> {
        Box::pin(async move {
            self.update_user(link, id, account).await?;
            Ok(id.to_owned())
        })
    }

    /// Writes the manager alone.
    fn link_manager<'a>(&'a self, link: &'a Link, id: &'a str, account: &'a Account) -> Doing<'a, ()> {
        self.update_user(link, id, account)
    }

    fn deactivate_user<'a>(&'a self, link: &'a Link, id: &'a str, account: &'a Account) -> Doing<'a, ()>;

    /// A person who left is back; gives the id under which the server has them now.
    fn reactivate_user<'a>(&'a self, link: &'a Link, id: &'a str, account: &'a Account) -> Doing<'a, String>;

    fn delete_user<'a>(&'a self, link: &'a Link, id: &'a str) -> Doing<'a, ()> {
        Box::pin(flow::delete(link, format!("/Users/{id}")))
    }

    fn find_group<'a>(&'a self, link: &'a Link, team: &'a Team) -> Doing<'a, Option<Value>>;

    /// Makes sure that the group is there, without regard to its members; gives its id and whether it was there.
    fn add_group<'a>(&'a self, link: &'a Link, team: &'a Team) -> Doing<'a, (String, Presence)> {
        Box::pin(flow::add_group(link, team))
    }

    /// The first push of all members.
    fn push_members<'a>(&'a self, link: &'a Link, id: &'a str, team: &'a Team) -> Doing<'a, ()> {
        self.change_members(link, id, MemberChange { team, added: &team.members, removed: &[] })
    }

    fn rename_group<'a>(&'a self, link: &'a Link, id: &'a str, team: &'a Team) -> Doing<'a, ()>;

    fn change_members<'a>(&'a self, link: &'a Link, id: &'a str, change: MemberChange<'a>) -> Doing<'a, ()>;

    fn delete_group<'a>(&'a self, link: &'a Link, id: &'a str) -> Doing<'a, ()> {
        Box::pin(flow::delete(link, format!("/Groups/{id}")))
    }

    /// Every user or group, read as the provider reads them for an import; `path` is `/Users` or `/Groups`.
    fn list<'a>(&'a self, link: &'a Link, path: &'a str) -> Doing<'a, Vec<Value>> {
        Box::pin(flow::read_all(link, path))
    }

    /// What the provider's own certification tests beyond its daily traffic.
    fn certify<'a>(&'a self, link: &'a Link, account: &'a Account) -> Doing<'a, ()> {
        Box::pin(async move {
            let mut shouting = account.clone();
            shouting.person.user_name = account.person.user_name.to_uppercase();
            if flow::find_user(link, &shouting).await?.is_none() {
                let expected = format!("the user {:?}", account.person.user_name);
                link.find(Need::FilterFinds, "GET /Users", &expected, "nobody, asked for in upper case");
            }
            let unknown = Ask::get("/Users/no-such-user", Expect::Missing);
            link.send(unknown).await.map(|_| ())
        })
    }
}

/// Whether a group was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    New,
    Adopted,
}

/// A change of a group's members; `team` is the group afterwards.
#[derive(Debug, Clone, Copy)]
pub struct MemberChange<'a> {
    pub team: &'a Team,
    pub added: &'a [Member],
    pub removed: &'a [Member],
}
