//! Tables of configurations: what is refused and with which words, and what wins over what.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use super::file::read_toml;
use super::keys::KEYS;
use super::load::DEFAULTS;
use super::*;

/// Loads a file `c.toml` with this text, these variables and flags; paths in messages are shortened.
fn load_all(text: &str, variables: &[(&str, &str)], flags: &Overrides) -> Result<Loaded, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.toml");
    fs::write(&path, text).unwrap();
    let environment = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let prefix = format!("{}/", folder.path().display());
    Config::load(flags, environment, Some(&path)).map_err(|error| error.to_string().replace(&prefix, ""))
}

fn load(text: &str, variables: &[(&str, &str)]) -> Result<Loaded, String> {
    load_all(text, variables, &Overrides::default())
}

#[track_caller]
fn refused(text: &str, expected: &str) {
    assert_eq!(load(text, &[]).unwrap_err(), expected);
}

#[track_caller]
fn refused_variable(name: &str, value: &str, expected: &str) {
    assert_eq!(load("", &[(name, value)]).unwrap_err(), expected);
}

#[test]
fn the_reference_has_every_key_and_no_other() {
    let (values, problems) = read_toml(Path::new("config.toml"), DEFAULTS);
    assert_eq!(problems, []);
    let written: Vec<&str> = values.iter().map(|value| value.name.as_str()).collect();
    let known: Vec<&str> = KEYS.iter().map(|key| key.name).collect();
    assert_eq!(written, known);
    assert_eq!(load("", &[]).unwrap().config, Config::defaults());
    assert_eq!(load(DEFAULTS, &[]).unwrap().config, Config::defaults());
}

#[test]
fn defaults_read_as_documented() {
    let config = Config::defaults();
    assert_eq!(config.scim.listen, "127.0.0.1:7644".parse().unwrap());
    assert_eq!(config.app.listen, Some("127.0.0.1:7643".parse().unwrap()));
    assert_eq!(config.app_socket().unwrap(), Path::new("/var/lib/rosterd/app.sock"));
    assert_eq!(config.requests.keep, Keep::For(Duration::from_secs(7 * 86_400)));
    assert_eq!(config.events.keep, Keep::Forever);
    assert_eq!(config.store.free_space_min, ByteSize(256 << 20));
    assert_eq!(config.app.key, None);
    assert_eq!(config.public_url(config.scim.listen), "https://127.0.0.1:7644");
}

#[test]
fn wrong_values_say_file_line_key_and_what_would_be_right() {
    refused(
        "# one\n\n[scim]\nlisten = \"foo\"\n",
        "c.toml:4: scim.listen: \"foo\" is not an address and port; write it like \"127.0.0.1:7644\"",
    );
    refused(
        "scim.listen = 7644",
        "c.toml:1: scim.listen: 7644 is not an address and port; write it like \"127.0.0.1:7644\"",
    );
    refused("data = \"\"", "c.toml:1: data: \"\" is not a path; write it like \"/var/lib/rosterd\"");
    refused(
        "[app]\nallow_non_loopback = \"yes\"",
        "c.toml:2: app.allow_non_loopback: \"yes\" is not true or false",
    );
    refused(
        "[store]\nreaders = \"4\"",
        "c.toml:2: store.readers: \"4\" is not a whole number without quotes",
    );
    refused("[store]\nreaders = -1", "c.toml:2: store.readers: -1 is not a whole number without quotes");
    refused("[store]\nreaders = 4.5", "c.toml:2: store.readers: 4.5 is not a whole number without quotes");
    refused(
        "[store]\nfree_space_min = \"256MB\"",
        "c.toml:2: store.free_space_min: \"256MB\" is not a size; write it like \"256MiB\"",
    );
    refused(
        "[server]\nstop_timeout = 10",
        "c.toml:2: server.stop_timeout: 10 is not a duration; write it like \"30s\", \"15m\" or \"7d\"",
    );
    refused(
        "[requests]\nkeep = \"always\"",
        "c.toml:2: requests.keep: \"always\" is not a duration; write it like \"7d\", or \"forever\"",
    );
    refused(
        "[tls]\nmode = \"on\"",
        "c.toml:2: tls.mode: \"on\" is not one of \"self-signed\", \"files\", \"off\", \"acme\"",
    );
    refused(
        "[scim]\nbehind_proxy = [\"10.0.0.0/8\", \"proxy\"]",
        "c.toml:2: scim.behind_proxy: \"proxy\" is not an address or network; write it like [\"10.0.0.0/8\", \"192.0.2.7\"]",
    );
    refused(
        "[scim]\nbehind_proxy = \"10.0.0.0/8\"",
        "c.toml:2: scim.behind_proxy: \"10.0.0.0/8\" is not a list; write it like [\"10.0.0.0/8\", \"192.0.2.7\"]",
    );
    refused(
        "public_url = \"scim.example.com\"",
        "c.toml:1: public_url: \"scim.example.com\" is not a web address; write it like \"https://scim.example.com\"",
    );
    refused("data = [[\"a\"]]", "c.toml:1: data: a list is not a path; write it like \"/var/lib/rosterd\"");
}

#[test]
fn unknown_names_are_refused_with_the_nearest_known_one() {
    refused(
        "[scim]\nlisten_on = \"x\"",
        "c.toml:2: scim.listen_on: there is no key of this name; did you mean scim.listen?",
    );
    refused("listen = \"x\"", "c.toml:1: listen: there is no key of this name; did you mean app.listen?");
    refused(
        "[scim]\ncolour = \"x\"",
        "c.toml:2: scim.colour: there is no key of this name; `rosterd config show` lists them",
    );
    refused(
        "\n[smtp]\nhost = \"x\"",
        "c.toml:2: smtp: there is no section of this name; the sections are scim, tls, app, store, requests, \
         events, directories, connect, secrets, log, server",
    );
    refused("scim = 1", "c.toml:1: scim: there is no key of this name; `rosterd config show` lists them");
    refused(
        "[tls]\nmode_file = \"x\"",
        "c.toml:2: tls.mode_file: there is no key of this name; `rosterd config show` lists them",
    );
}

#[test]
fn what_is_not_toml_is_refused_with_its_line() {
    let error = load("[scim]\nlisten = \n", &[]).unwrap_err();
    assert!(error.starts_with("c.toml:2: this is not TOML: "), "{error}");
    let twice = load("[log]\nlevel = \"info\"\nlevel = \"warn\"\n", &[]).unwrap_err();
    assert!(twice.starts_with("c.toml:3: this is not TOML: "), "{twice}");
}

#[test]
fn all_problems_are_reported_at_once() {
    let error =
        load("[log]\nlevel = 1\n[store]\nreaders = true\n", &[("ROSTERD_LOG__FORMAT", "xml")]).unwrap_err();
    assert_eq!(
        error,
        "c.toml:2: log.level: 1 is not one of \"error\", \"warn\", \"info\", \"debug\", \"trace\"\n\
         c.toml:4: store.readers: true is not a whole number without quotes\n\
         ROSTERD_LOG__FORMAT: \"xml\" is not one of \"text\", \"json\""
    );
}

#[test]
fn impossible_values_are_refused() {
    refused("[store]\nreaders = 0", "c.toml:2: store.readers: 0 is out of range; take 1 to 64");
    refused("[store]\nreaders = 65", "c.toml:2: store.readers: 65 is out of range; take 1 to 64");
    refused(
        "[server]\nstop_timeout = \"0s\"",
        "c.toml:2: server.stop_timeout: 0s is out of range; take 1s to 10m",
    );
    refused(
        "[tls]\nmode = \"acme\"",
        "tls.acme_domains: is empty, and so is public_url; name what the certificate is for, such as \
         [\"scim.example.com\"]",
    );
    refused(
        "[tls]\nmode = \"acme\"\nacme_domains = [\"192.0.2.1\"]",
        "c.toml:3: tls.acme_domains: \"192.0.2.1\" is no name that an authority gives a certificate for; write it \
         like scim.example.com",
    );
    refused(
        "[tls]\nmode = \"acme\"\nacme_domains = [\"a.example.com\"]\nacme_directory = \"http://x\"",
        "c.toml:4: tls.acme_directory: \"http://x\" is no https URL",
    );
    refused(
        "[tls]\nmode = \"files\"\ncert = \"/c.pem\"",
        "tls.key: is empty; with tls.mode = \"files\" it names a PEM file",
    );
    refused(
        "[tls]\nkey = \"/k.pem\"",
        "c.toml:2: tls.key: is set but not used; say tls.mode = \"files\", or leave it empty",
    );
    refused(
        "public_url = \"https://x.example\"\nscim.listen = \"0.0.0.0:7644\"\ntls.mode = \"off\"",
        "c.toml:3: tls.mode: \"off\" would send tokens in the clear, since scim.listen 0.0.0.0:7644 is not loopback; \
         use \"files\" or \"self-signed\", or name the proxies that end TLS in scim.behind_proxy",
    );
    refused(
        "[scim]\nlisten = \"0.0.0.0:7644\"",
        "public_url: is empty, and 0.0.0.0:7644 is no address that a provider can reach; write it like \
         \"https://scim.example.com\"",
    );
    refused(
        "[app]\nlisten = \"127.0.0.1:7644\"",
        "c.toml:2: app.listen: 127.0.0.1:7644 has the port of scim.listen; take another",
    );
    refused(
        "[app]\nlisten = \"0.0.0.0:7643\"",
        "c.toml:2: app.listen: 0.0.0.0:7643 is not loopback, and the app's API hands out everything; use 127.0.0.1 \
         or the Unix socket, or say app.allow_non_loopback = true",
    );
    refused(
        "[app]\nhosts = [\"http://x\"]",
        "c.toml:2: app.hosts: \"http://x\" is not a host name; leave out scheme and port",
    );
    let long = "x".repeat(108);
    let error = load(&format!("app.socket = \"/{long}\""), &[]).unwrap_err();
    assert!(error.ends_with("has 109 bytes, and the system takes 107; take a shorter one"), "{error}");
    assert!(load(&format!("app.socket = \"/{}\"", "x".repeat(106)), &[]).is_ok());
}

#[test]
fn what_is_possible_is_taken() {
    for text in [
        "app.listen = \"\"\napp.socket = \"\"",
        "[app]\nlisten = \"0.0.0.0:7643\"\nallow_non_loopback = true\nhosts = [\"rosterd\"]",
        "public_url = \"https://x.example\"\n[scim]\nlisten = \"0.0.0.0:7644\"\nbehind_proxy = [\"10.0.0.0/8\"]\n[tls]\nmode = \"off\"",
        "[tls]\nmode = \"off\"",
        "scim.listen = \"127.0.0.1:0\"\napp.listen = \"127.0.0.1:0\"",
    ] {
        assert!(load(text, &[]).is_ok(), "{text}: {:?}", load(text, &[]).err());
    }
}

#[test]
fn later_layers_win_and_each_value_knows_where_it_comes_from() {
    let mut flags = Overrides::default();
    flags.set("--scim-listen", "scim.listen", "127.0.0.1:3");
    let file = "[scim]\nlisten = \"127.0.0.1:1\"\n[log]\nlevel = \"warn\"\nformat = \"json\"\n";
    let variables =
        [("ROSTERD_SCIM__LISTEN", "127.0.0.1:2"), ("ROSTERD_LOG__LEVEL", "debug"), ("PATH", "/bin")];
    let loaded = load_all(file, &variables, &flags).unwrap();
    let row = |key: &str| {
        let row = show(&loaded).into_iter().find(|row| row.key == key).unwrap();
        (row.value, row.source.to_string().rsplit('/').next().unwrap().to_owned())
    };
    assert_eq!(row("scim.listen"), ("127.0.0.1:3".to_owned(), "--scim-listen".to_owned()));
    assert_eq!(row("log.level"), ("debug".to_owned(), "ROSTERD_LOG__LEVEL".to_owned()));
    assert_eq!(row("log.format"), ("json".to_owned(), "c.toml:5".to_owned()));
    assert_eq!(row("data"), ("/var/lib/rosterd".to_owned(), "default".to_owned()));
}

#[test]
fn the_environment_is_read_by_the_type_of_each_key() {
    let config = |name: &str, value: &str| load("", &[(name, value)]).unwrap().config;
    assert_eq!(config("ROSTERD_DATA", "12345").data, Path::new("12345"));
    assert_eq!(config("ROSTERD_STORE__READERS", "8").store.readers, 8);
    assert!(!config("ROSTERD_REQUESTS__BODIES", "false").requests.bodies);
    assert_eq!(config("ROSTERD_APP__LISTEN", "").app.listen, None);
    assert_eq!(config("ROSTERD_APP__HOSTS", "a, b").app.hosts, ["a", "b"]);
    assert_eq!(config("ROSTERD_SCIM__BEHIND_PROXY", "10.0.0.0/8,::1").scim.behind_proxy.len(), 2);
    assert_eq!(config("ROSTERD_SCIM__BEHIND_PROXY", "").scim.behind_proxy, []);
}

#[test]
fn the_environment_is_refused_under_the_name_that_was_typed() {
    refused_variable(
        "ROSTERD_SCIM__LISTEN",
        "foo",
        "ROSTERD_SCIM__LISTEN: \"foo\" is not an address and port; write it like \"127.0.0.1:7644\"",
    );
    refused_variable("ROSTERD_REQUESTS__BODIES", "1", "ROSTERD_REQUESTS__BODIES: \"1\" is not true or false");
    refused_variable(
        "ROSTERD_STORE__READERS",
        "0",
        "ROSTERD_STORE__READERS: 0 is out of range; take 1 to 64",
    );
    refused_variable(
        "ROSTERD_SCIM_LISTEN",
        "x",
        "ROSTERD_SCIM_LISTEN: there is no key of this name; did you mean ROSTERD_SCIM__LISTEN?",
    );
    refused_variable(
        "ROSTERD_scim__listen",
        "x",
        "ROSTERD_scim__listen: there is no key of this name; did you mean ROSTERD_SCIM__LISTEN?",
    );
    refused_variable(
        "ROSTERD_COLOUR",
        "x",
        "ROSTERD_COLOUR: there is no key of this name; `rosterd config show` lists them",
    );
}

#[test]
fn variables_that_are_not_configuration_are_left_alone() {
    for name in [
        "ROSTERD_CONFIG",
        "ROSTERD_URL",
        "ROSTERD_API_KEY",
        "ROSTERD_WEBHOOK_SECRET",
        "ROSTERD_TOKEN",
        "ROSTERD_PORT",
        "ROSTERD_PORT_7643_TCP_ADDR",
        "ROSTERD_SERVICE_HOST",
        "MY_ROSTERD_X",
    ] {
        assert!(load("", &[(name, "tcp://10.0.0.1:7643")]).is_ok(), "{name}");
    }
}

#[test]
fn a_secret_comes_from_its_value_or_its_file_and_is_never_shown() {
    let key = format!("sk_{}", "k".repeat(32));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    fs::write(&path, format!("{key}\n")).unwrap();
    let path = path.display().to_string();

    let loaded = load(&format!("[app]\nkey_file = {path:?}"), &[]).unwrap();
    assert_eq!(loaded.config.app.key, Some(Secret::new(key.as_str())));
    let shown = format!("{:?} {:?}", show(&loaded), loaded);
    assert!(shown.contains("(hidden)") && !shown.contains(&key), "{shown}");

    let over = load(&format!("[app]\nkey = \"{key}x\""), &[("ROSTERD_APP__KEY_FILE", &path)]).unwrap();
    assert_eq!(over.config.app.key, Some(Secret::new(key.as_str())));

    let both = load(&format!("[app]\nkey = \"{key}\"\nkey_file = {path:?}"), &[]).unwrap_err();
    assert_eq!(both, "c.toml:3: app.key_file: app.key and app.key_file are both set; keep one of them");
    let missing = load("[app]\nkey_file = \"/nowhere/key\"", &[]).unwrap_err();
    assert_eq!(
        missing,
        "c.toml:2: app.key_file: the file \"/nowhere/key\" can't be read: No such file or directory (os error 2)"
    );
    let short = load("[app]\nkey = \"sk_hush\"", &[]).unwrap_err();
    assert!(short.starts_with("c.toml:2: app.key: the key must be") && !short.contains("hush"), "{short}");
}

#[test]
fn check_names_files_that_are_missing() {
    let mut flags = Overrides::default();
    flags.set("--tls", "tls.mode", "files");
    flags.set("--cert", "tls.cert", "/nowhere/cert.pem");
    flags.set("--key", "tls.key", "/dev/null");
    let problems = check(&flags, std::iter::empty(), None);
    let texts: Vec<String> = problems.iter().map(Problem::to_string).collect();
    assert_eq!(
        texts,
        [
            "--cert: tls.cert: the file \"/nowhere/cert.pem\" can't be read: No such file or directory (os error 2)"
        ]
    );
    let no_file = check(&Overrides::default(), std::iter::empty(), Some(Path::new("/nowhere/c.toml")));
    assert_eq!(
        no_file[0].to_string(),
        "/nowhere/c.toml: the file can't be read: No such file or directory (os error 2)"
    );
}

#[test]
fn changed_keys_tells_what_a_reload_can_do() {
    let fresh = load("log.level = \"debug\"\nstore.readers = 8", &[]).unwrap().config;
    let changed = changed_keys(&Config::defaults(), &fresh);
    assert_eq!(changed, ChangedKeys { reloadable: vec!["log.level"], need_restart: vec!["store.readers"] });
}
