//! What a directory needs to be connected to an upstream, as settings and as files to hand over.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::Kind;
use super::customer::Customer;
use super::file::USER;
use super::google::admin_email;
use super::workday::{ISU, report_path};

/// The settings of a connector, credentials included.
pub fn settings(customer: &Customer) -> Value {
    match (customer.kind, &customer.account) {
        (Kind::Google, account) => json!({
            "type": "google",
            "admin_email": admin_email(),
            "customer": "my_customer",
            "api_url": customer.url,
            "every": "1m",
            "service_account": account.as_ref().map(|account| account.key_file(&customer.token_uri())),
        }),
        (Kind::Workday, _) => json!({
            "type": "workday",
            "url": format!("{}{}", customer.url, report_path()),
            "format": "json",
            "every": "1m",
            "basic": {"username": ISU, "password": customer.isu.password},
            "columns": {
                "externalId": "Employee_ID",
                "userName": "User_Name",
                "emails[type eq \"work\"].value": "Email_Work",
                "name.givenName": "Legal_First_Name",
                "name.familyName": "Legal_Last_Name",
                "title": "Business_Title",
            },
            "terminated": {"column": "Worker_Status", "values": ["Terminated", "Future Hire"]},
        }),
        (Kind::File, _) => json!({
            "type": "file",
            "url": format!("{}/people.csv", customer.url),
            "format": "csv",
            "every": "1m",
            "basic": {"username": USER, "password": customer.files.password},
            "columns": {
                "externalId": "id",
                "userName": "login",
                "emails[type eq \"work\"].value": "email",
                "name.givenName": "first_name",
                "name.familyName": "last_name",
                "title": "title",
            },
            "active": {"column": "status", "values": ["active"]},
        }),
    }
}

/// The OAuth client of a Workday upstream, in place of `basic`.
pub fn oauth(customer: &Customer) -> Value {
    json!({
        "token_url": customer.token_uri(),
        "client_id": customer.isu.client_id,
        "client_secret": customer.isu.client_secret,
        "refresh_token": customer.isu.refresh_token,
    })
}

/// Files to hand to `directory create --connector`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    pub connector: PathBuf,
    pub service_account: Option<PathBuf>,
}

/// Writes them into a folder that only its owner may read.
///
/// # Errors
///
/// When the folder or a file can't be written.
pub fn write(folder: &Path, settings: &Value) -> io::Result<Files> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let mut shown = settings.clone();
    let mut service_account = None;
    if let Some(key) = shown.as_object_mut().and_then(|settings| settings.remove("service_account")) {
        let path = std::path::absolute(folder.join("service-account.json"))?;
        write_private(&path, &format!("{key:#}\n"))?;
        shown["service_account_file"] = json!(path);
        service_account = Some(path);
    }
    let connector = folder.join("connector.toml");
    write_private(&connector, &toml_text(&shown))?;
    Ok(Files { connector, service_account })
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    // A file of an earlier run keeps its mode otherwise.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

/// Texts, lists of texts, and tables of these, as TOML; tables come last, as they must.
fn toml_text(settings: &Value) -> String {
    let mut text = String::new();
    let entries = || settings.as_object().into_iter().flatten();
    for (name, value) in entries().filter(|(_, value)| !value.is_object()) {
        text.push_str(&format!("{} = {value}\n", json!(name)));
    }
    for (name, value) in entries().filter(|(_, value)| value.is_object()) {
        text.push_str(&format!("\n[{}]\n{}", json!(name), toml_text(value)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_written_as_toml() {
        let settings = json!({"type": "file", "columns": {"a[b eq \"c\"]": "d"}, "every": "1m"});
        let expected =
            "\"type\" = \"file\"\n\"every\" = \"1m\"\n\n[\"columns\"]\n\"a[b eq \\\"c\\\"]\" = \"d\"\n";
        assert_eq!(toml_text(&settings), expected);
    }

    #[test]
    fn the_key_stands_in_a_file_of_its_own_that_only_its_owner_reads() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("google");
        let settings = json!({"type": "google", "service_account": {"private_key": "canary"}});
        let files = write(&inner, &settings).unwrap();
        let text = fs::read_to_string(&files.connector).unwrap();
        assert!(!text.contains("canary") && text.contains("service_account_file"), "{text}");
        let key = files.service_account.unwrap();
        assert!(fs::read_to_string(&key).unwrap().contains("canary"));
        assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(&inner).unwrap().permissions().mode() & 0o777, 0o700);
    }
}
