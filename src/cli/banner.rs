//! What a daemon tells of itself once it accepts: a line for programs, a banner for people.

use std::fmt::Write;

use serde::Serialize;

use crate::app::Ready;

use super::shown::safe_lines;

/// Whether token and key are in the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrets {
    Shown,
    LeftOut,
}

/// The one line that `--json` prints. The order of its keys is a promise.
#[derive(Serialize)]
pub struct ReadyLine<'a> {
    scim_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    scim_token: Option<Option<&'a str>>,
    app_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key: Option<Option<&'a str>>,
    directory_id: Option<&'a str>,
    organization_id: Option<&'a str>,
    ca_cert: Option<String>,
    console_url: &'a str,
    data: String,
}

impl<'a> ReadyLine<'a> {
    pub fn new(ready: &'a Ready, secrets: Secrets) -> Self {
        let secret = |text: &'a Option<String>| match secrets {
            Secrets::Shown => Some(text.as_deref()),
            Secrets::LeftOut => None,
        };
        Self {
            scim_url: &ready.scim_url,
            scim_token: secret(&ready.scim_token),
            app_url: &ready.app_url,
            api_key: secret(&ready.api_key),
            directory_id: ready.directory_id.as_deref(),
            organization_id: ready.organization_id.as_deref(),
            ca_cert: ready.ca_cert.as_ref().map(|path| path.to_string_lossy().into_owned()),
            console_url: &ready.console_url,
            data: ready.data.to_string_lossy().into_owned(),
        }
    }

    /// The line, without its end.
    pub fn text(&self) -> String {
        // Texts under text keys: there is nothing that could fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// What `rosterd dev` prints: where everything is, and three commands to try.
pub fn banner(ready: &Ready) -> String {
    let token = ready.scim_token.as_deref().unwrap_or_default();
    let key = ready.api_key.as_deref().unwrap_or_default();
    let data = ready.data.to_string_lossy();
    let mut text = String::from("rosterd is ready.\n\n");
    let rows = [
        ("SCIM URL", ready.scim_url.as_str()),
        ("token", token),
        ("app URL", ready.app_url.as_str()),
        ("API key", key),
        ("data", &data),
    ];
    for (name, value) in rows {
        // Writing to a String can't fail.
        let _ = writeln!(text, "  {name:<9} {value}");
    }
    let ca = match &ready.ca_cert {
        Some(path) => format!("--cacert {} ", quoted(&path.to_string_lossy())),
        None => String::new(),
    };
    let user = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada@acme.test","active":true}"#;
    let _ = write!(
        text,
        "\nBe the identity provider and create a user:\n\n  \
         curl {ca}-H 'Authorization: Bearer {token}' \\\n    \
         -H 'Content-Type: application/scim+json' \\\n    \
         -d '{user}' \\\n    \
         {url}/Users\n\n\
         Be the app and read the users:\n\n  \
         curl -H 'Authorization: Bearer {key}' '{app}/directory_users'\n\n\
         Follow what happens:\n\n  \
         rosterd events tail --data {data}\n",
        url = ready.scim_url,
        app = ready.app_url,
        data = quoted(&data),
    );
    safe_lines(&text)
}

/// A path as one word of a shell.
fn quoted(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+,:@%=".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn ready(ca_cert: Option<&str>) -> Ready {
        Ready {
            scim_url: "https://127.0.0.1:7644/scim/v2/acme".to_owned(),
            scim_token: Some("rosterd_scim_abc".to_owned()),
            app_url: "http://127.0.0.1:7643".to_owned(),
            api_key: Some("sk_def".to_owned()),
            directory_id: Some("directory_1".to_owned()),
            organization_id: Some("org_1".to_owned()),
            ca_cert: ca_cert.map(PathBuf::from),
            console_url: "http://127.0.0.1:7643/console".to_owned(),
            data: "/w/.rosterd".into(),
        }
    }

    #[test]
    fn the_line_has_all_keys_in_the_promised_order() {
        let expected = concat!(
            r#"{"scim_url":"https://127.0.0.1:7644/scim/v2/acme","scim_token":"rosterd_scim_abc","#,
            r#""app_url":"http://127.0.0.1:7643","api_key":"sk_def","directory_id":"directory_1","#,
            r#""organization_id":"org_1","ca_cert":"/w/.rosterd/ca.pem","#,
            r#""console_url":"http://127.0.0.1:7643/console","data":"/w/.rosterd"}"#
        );
        assert_eq!(ReadyLine::new(&ready(Some("/w/.rosterd/ca.pem")), Secrets::Shown).text(), expected);
    }

    #[test]
    fn without_secrets_their_keys_are_not_there_and_without_tls_there_is_no_ca() {
        let expected = concat!(
            r#"{"scim_url":"https://127.0.0.1:7644/scim/v2/acme","app_url":"http://127.0.0.1:7643","#,
            r#""directory_id":"directory_1","organization_id":"org_1","ca_cert":null,"#,
            r#""console_url":"http://127.0.0.1:7643/console","data":"/w/.rosterd"}"#
        );
        assert_eq!(ReadyLine::new(&ready(None), Secrets::LeftOut).text(), expected);
    }

    #[test]
    fn the_banner_has_addresses_secrets_and_commands_to_copy() {
        let expected = r#"rosterd is ready.

  SCIM URL  https://127.0.0.1:7644/scim/v2/acme
  token     rosterd_scim_abc
  app URL   http://127.0.0.1:7643
  API key   sk_def
  data      /w/.rosterd

Be the identity provider and create a user:

  curl --cacert '/my ca.pem' -H 'Authorization: Bearer rosterd_scim_abc' \
    -H 'Content-Type: application/scim+json' \
    -d '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada@acme.test","active":true}' \
    https://127.0.0.1:7644/scim/v2/acme/Users

Be the app and read the users:

  curl -H 'Authorization: Bearer sk_def' 'http://127.0.0.1:7643/directory_users'

Follow what happens:

  rosterd events tail --data /w/.rosterd
"#;
        assert_eq!(banner(&ready(Some("/my ca.pem"))), expected);
        assert!(!banner(&ready(None)).contains("--cacert"));
    }

    #[test]
    fn a_path_is_one_word_of_a_shell() {
        assert_eq!(quoted("/a b/it's"), r"'/a b/it'\''s'");
        assert_eq!(quoted("/w/.rosterd"), "/w/.rosterd");
    }
}
