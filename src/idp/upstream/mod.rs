//! Upstreams to pull from: Google Workspace, a Workday report, a web server with files, each with a fake customer.
//!
//! They listen on loopback, check credentials as the real ones do, go wrong on command ([`faults`]), and tell what
//! is true ([`control`]), so that whatever pulls from them can be compared with it. A request is answered under one
//! lock by a plain function ([`customer`]); only what hyper then sends may be slow, endless or cut off ([`answer`]).

mod answer;
mod connector;
mod control;
mod customer;
mod faults;
mod file;
mod google;
mod page;
mod people;
mod random;
mod request;
pub mod scenario;
mod serve;
mod table;
#[cfg(test)]
mod tests;
mod tokens;
mod workday;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::base::limits::{IDP_UPSTREAM_GROUPS_MAX, IDP_UPSTREAM_PEOPLE_MAX};
use crate::base::time::Clock;

use customer::{Customer, Start};
use people::People;

pub use connector::Files;

/// What is pulled from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Google,
    Workday,
    File,
}

#[derive(Debug, Clone)]
pub struct Options {
    pub kind: Kind,
    /// On loopback; port 0 takes a free one.
    pub listen: SocketAddr,
    /// One of [`scenario::NAMES`].
    pub scenario: String,
    pub people: usize,
    pub groups: usize,
    pub seed: u64,
    /// Rows of a page at most, whatever is asked for.
    pub page_rows_max: usize,
    /// Seconds for which an access token is good.
    pub token_secs: u32,
    /// Where the files for connecting are written.
    pub folder: PathBuf,
    /// Whether to end once the last state has been pulled.
    pub ends: Ends,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    WhenPulled,
    WhenStopped,
}

/// What there is to tell while an upstream runs.
#[derive(Debug)]
pub enum Report {
    Ready(Box<Ready>),
    Step(&'static str),
    /// The last state has been pulled, in so many pulls.
    Pulled(u64),
}

/// How to connect.
#[derive(Debug)]
pub struct Ready {
    pub url: String,
    pub control_url: String,
    /// The connector's settings, credentials included; whoever runs a fake customer is its admin.
    pub settings: Value,
    /// An OAuth client that does as well as the settings' `basic`.
    pub oauth: Option<Value>,
    pub files: Files,
}

#[derive(Debug)]
pub enum UpstreamError {
    NotLoopback { listen: SocketAddr },
    TooMany { what: &'static str, max: usize },
    NoScenario { name: String },
    Key,
    Listen { listen: SocketAddr, error: io::Error },
    Files { folder: PathBuf, error: io::Error },
}

impl fmt::Display for UpstreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotLoopback { listen } => {
                write!(
                    f,
                    "{listen} is not on loopback; a fake customer is for this machine alone: 127.0.0.1:0"
                )
            }
            Self::TooMany { what, max } => write!(f, "a fake customer has at most {max} {what}"),
            Self::NoScenario { name } => {
                write!(f, "there is no scenario {name:?}; there are {}", scenario::NAMES.join(", "))
            }
            Self::Key => f.write_str("no key could be made"),
            Self::Listen { listen, error } => write!(f, "cannot listen on {listen}: {error}"),
            Self::Files { folder, error } => write!(f, "cannot write into {}: {error}", folder.display()),
        }
    }
}

impl std::error::Error for UpstreamError {}

/// The customer, and a signal for each request.
struct Shared {
    customer: Mutex<Customer>,
    changed: Notify,
}

impl Shared {
    fn with<T>(&self, act: impl FnOnce(&mut Customer) -> T) -> T {
        act(&mut self.customer.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Serves until stopped, or with [`Ends::WhenPulled`] until all has been pulled.
///
/// # Errors
///
/// [`UpstreamError`] before anything is served.
pub async fn run(
    options: &Options,
    stop: CancellationToken,
    mut on_report: impl FnMut(&Report),
) -> Result<(), UpstreamError> {
    let people = people(options)?;
    let steps = scenario::steps(&options.scenario, &people)
        .ok_or_else(|| UpstreamError::NoScenario { name: options.scenario.clone() })?;
    let refused = |error: io::Error| UpstreamError::Listen { listen: options.listen, error };
    let listener = TcpListener::bind(options.listen).await.map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    let account = match options.kind {
        Kind::Google => Some(google::ServiceAccount::generate().map_err(|_| UpstreamError::Key)?),
        Kind::Workday | Kind::File => None,
    };
    let customer = Customer::new(Start {
        kind: options.kind,
        url: format!("http://{address}"),
        people,
        account,
        page_rows_max: options.page_rows_max,
        token_secs: options.token_secs,
        steps,
        clock: Clock::System,
    });
    let ready = ready(&customer, options)?;
    let shared = Arc::new(Shared { customer: Mutex::new(customer), changed: Notify::new() });
    on_report(&Report::Ready(Box::new(ready)));
    let served = serve::serve(listener, Arc::clone(&shared), stop.clone());
    tokio::select! {
        () = served => {}
        () = watch(&shared, options.ends, &mut on_report) => {}
    }
    // Connections still open end with the stop.
    stop.cancel();
    Ok(())
}

fn people(options: &Options) -> Result<People, UpstreamError> {
    if !options.listen.ip().is_loopback() {
        return Err(UpstreamError::NotLoopback { listen: options.listen });
    }
    if options.people > IDP_UPSTREAM_PEOPLE_MAX {
        return Err(UpstreamError::TooMany { what: "people", max: IDP_UPSTREAM_PEOPLE_MAX });
    }
    if options.groups > IDP_UPSTREAM_GROUPS_MAX {
        return Err(UpstreamError::TooMany { what: "groups", max: IDP_UPSTREAM_GROUPS_MAX });
    }
    Ok(People::generate(options.seed, options.people, options.groups))
}

fn ready(customer: &Customer, options: &Options) -> Result<Ready, UpstreamError> {
    let settings = connector::settings(customer);
    let files = connector::write(&options.folder, &settings)
        .map_err(|error| UpstreamError::Files { folder: options.folder.clone(), error })?;
    Ok(Ready {
        url: customer.url.clone(),
        control_url: format!("{}{}", customer.url, control::PATH),
        settings,
        oauth: (customer.kind == Kind::Workday).then(|| connector::oauth(customer)),
        files,
    })
}

/// Tells of each step; comes back when all has been pulled and that was to be the end.
async fn watch(shared: &Shared, ends: Ends, on_report: &mut impl FnMut(&Report)) {
    let mut pulled_before = 0;
    loop {
        shared.changed.notified().await;
        let (news, steps_left, pulls) = shared
            .with(|customer| (std::mem::take(&mut customer.news), customer.steps.len(), customer.pulls));
        for step in &news {
            on_report(&Report::Step(step));
        }
        // A pull that brought on the last step has not seen it.
        let is_whole = pulls > pulled_before && news.is_empty() && steps_left == 0;
        pulled_before = pulls;
        if is_whole {
            on_report(&Report::Pulled(pulls));
            if ends == Ends::WhenPulled {
                return;
            }
        }
    }
}
