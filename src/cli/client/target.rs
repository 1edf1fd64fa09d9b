//! Finds the daemon: which socket or URL, and with which key.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::base::secret::Secret;
use crate::cli::error::CliError;
use crate::config::{Config, Overrides};

/// The data folder that `rosterd dev` makes.
pub const DEV_DATA: &str = ".rosterd";
const SOCKET_NAME: &str = "operator.sock";

/// The arguments of every command that talks to a daemon.
#[derive(Debug, Clone, Default, Args)]
pub struct DaemonArgs {
    /// Print JSON instead of tables
    #[arg(long, global = true)]
    pub json: bool,
    /// The data folder of the daemon, where its operator.sock is [default: ./.rosterd if it is there, else the
    /// configuration's]
    #[arg(long, value_name = "DIR", global = true, help_heading = "Daemon")]
    pub data: Option<PathBuf>,
    /// The configuration file that names the data folder [env: ROSTERD_CONFIG]
    #[arg(long, value_name = "FILE", global = true, help_heading = "Daemon")]
    pub config: Option<PathBuf>,
    /// The app's API instead of operator.sock: http://127.0.0.1:7643 or unix:/run/rosterd/app.sock [env:
    /// ROSTERD_URL]
    #[arg(long, value_name = "URL", global = true, help_heading = "Daemon")]
    pub url: Option<String>,
    /// The key for --url; other users of this host can see it there, so better put it in the environment [env:
    /// ROSTERD_API_KEY]
    #[arg(long, value_name = "KEY", global = true, help_heading = "Daemon")]
    pub key: Option<String>,
}

/// The variables of the environment that are text.
pub type Environment = BTreeMap<String, String>;

/// The environment of this process.
pub fn environment() -> Environment {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// Where the daemon is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The operator's socket: being its owner is enough.
    Operator { path: PathBuf },
    /// The app's socket: needs a key.
    Socket { path: PathBuf, key: Option<Secret> },
    /// The app's listener: needs a key.
    Tcp { authority: String, prefix: String, key: Option<Secret> },
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operator { path } | Self::Socket { path, .. } => path.display().fmt(f),
            Self::Tcp { authority, prefix, .. } => write!(f, "http://{authority}{prefix}"),
        }
    }
}

impl Target {
    /// The daemon that the arguments mean; what they leave open the environment says, then the
    /// folder in which we are.
    ///
    /// # Errors
    ///
    /// When the URL is none, or the configuration that would name the folder is wrong.
    pub fn find(args: &DaemonArgs, environment: &Environment, folder: &Path) -> Result<Self, CliError> {
        let key = args.key.as_ref().or_else(|| environment.get("ROSTERD_API_KEY"));
        let key = key.filter(|key| !key.is_empty()).map(|key| Secret::new(key.as_str()));
        if let Some(url) = &args.url {
            return Self::parse(url, key);
        }
        // A folder on the command line is nearer than a URL in the environment.
        if args.data.is_none()
            && args.config.is_none()
            && let Some(url) = environment.get("ROSTERD_URL").filter(|url| !url.is_empty())
        {
            return Self::parse(url, key);
        }
        let data = data_folder(args.data.as_deref(), args.config.as_deref(), environment, folder)?;
        Ok(Self::Operator { path: data.join(SOCKET_NAME) })
    }

    fn parse(url: &str, key: Option<Secret>) -> Result<Self, CliError> {
        if let Some(path) = url.strip_prefix("unix:") {
            // Both unix:/path and unix:///path are in use.
            let path = path.strip_prefix("//").unwrap_or(path);
            return Ok(Self::Socket { path: PathBuf::from(path), key });
        }
        let wrong = || {
            CliError::WrongUse(format!(
                "{url:?} is not the app's API; write it like http://127.0.0.1:7643 (plain http) or \
                 unix:/run/rosterd/app.sock"
            ))
        };
        let uri: http::Uri = url.parse().map_err(|_| wrong())?;
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'));
        let (Some("http"), Some(authority), None) = (uri.scheme_str(), authority, uri.query()) else {
            return Err(wrong());
        };
        let prefix = uri.path().trim_end_matches('/').to_owned();
        Ok(Self::Tcp { authority: authority.as_str().to_owned(), prefix, key })
    }

    pub fn key(&self) -> Option<&Secret> {
        match self {
            Self::Operator { .. } => None,
            Self::Socket { key, .. } | Self::Tcp { key, .. } => key.as_ref(),
        }
    }

    /// Whether the daemon takes the caller for the operator.
    pub fn is_operator(&self) -> bool {
        matches!(self, Self::Operator { .. })
    }
}

/// The data folder: as the command line says, as the configuration says when one is named, that of
/// `rosterd dev` when it is here, or the configuration's default.
///
/// # Errors
///
/// When the configuration is asked and wrong.
pub fn data_folder(
    data: Option<&Path>,
    config: Option<&Path>,
    environment: &Environment,
    folder: &Path,
) -> Result<PathBuf, CliError> {
    if let Some(data) = data {
        return Ok(data.to_owned());
    }
    let is_configured = config.is_some()
        || ["ROSTERD_CONFIG", "ROSTERD_DATA"].iter().any(|name| environment.contains_key(*name));
    let dev = folder.join(DEV_DATA);
    if !is_configured && dev.is_dir() {
        return Ok(dev);
    }
    let file = config_file(config, environment);
    let loaded = Config::load(&Overrides::default(), environment.clone().into_iter(), file.as_deref())?;
    Ok(loaded.config.data)
}

/// The configuration file that is named, by the flag or the environment.
pub fn config_file(flag: Option<&Path>, environment: &Environment) -> Option<PathBuf> {
    let named = || environment.get("ROSTERD_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from);
    flag.map(Path::to_owned).or_else(named)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::fs;

    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> Environment {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn operator(path: impl Into<PathBuf>) -> Target {
        Target::Operator { path: path.into() }
    }

    fn tcp(authority: &str, prefix: &str, key: Option<&str>) -> Target {
        let key = key.map(Secret::new);
        Target::Tcp { authority: authority.to_owned(), prefix: prefix.to_owned(), key }
    }

    #[test]
    fn a_folder_with_dev_data_is_found_unless_something_nearer_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let none = variables(&[]);
        let find = |args: &DaemonArgs, environment: &Environment| {
            Target::find(args, environment, folder.path()).unwrap()
        };
        let args = DaemonArgs::default();
        assert_eq!(find(&args, &none), operator("/var/lib/rosterd/operator.sock"));
        fs::create_dir(folder.path().join(".rosterd")).unwrap();
        assert_eq!(find(&args, &none), operator(folder.path().join(".rosterd/operator.sock")));
        let configured = variables(&[("ROSTERD_DATA", "/srv/r")]);
        assert_eq!(find(&args, &configured), operator("/srv/r/operator.sock"));
        let url = variables(&[("ROSTERD_URL", "http://127.0.0.1:1/"), ("ROSTERD_API_KEY", "sk_x")]);
        assert_eq!(find(&args, &url), tcp("127.0.0.1:1", "", Some("sk_x")));
        let args = DaemonArgs { data: Some("/d".into()), ..args };
        assert_eq!(find(&args, &url), operator("/d/operator.sock"));
    }

    #[test]
    fn a_url_is_plain_http_or_a_socket() {
        let key = Some(Secret::new("sk_x"));
        let check = |url: &str, expected: Option<Target>| {
            assert_eq!(Target::parse(url, key.clone()).ok(), expected, "{url}");
        };
        check("http://[::1]:7643/base/", Some(tcp("[::1]:7643", "/base", Some("sk_x"))));
        check("http://localhost", Some(tcp("localhost", "", Some("sk_x"))));
        check("unix:///a.sock", Some(Target::Socket { path: "/a.sock".into(), key: key.clone() }));
        check("unix:a.sock", Some(Target::Socket { path: "a.sock".into(), key: key.clone() }));
        for wrong in ["https://127.0.0.1", "127.0.0.1:7643", "http://u@h", "http://h/?q", ""] {
            check(wrong, None);
        }
    }
}
