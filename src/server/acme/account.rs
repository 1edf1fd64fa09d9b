//! The account with the authority: made once, kept in `account.json` (0600).

use std::fs;
use std::io;

use instant_acme::{Account, AccountCredentials, NewAccount};
use serde::{Deserialize, Serialize};
use tracing::info;

use super::error::{AcmeError, at};
use super::{Acme, http, stored};

const FILE: &str = "account.json";

#[derive(Serialize, Deserialize)]
struct Kept {
    /// The directory that it was made with: another authority needs another account.
    directory: String,
    credentials: AccountCredentials,
}

/// The account, made now if there is none.
pub async fn open(acme: &Acme) -> Result<Account, AcmeError> {
    let builder = Account::builder_with_http(Box::new(http::Http::new(acme.ca_file.as_deref())?));
    if let Some(credentials) = read(acme)? {
        return builder.from_credentials(credentials).await.map_err(at("reaching the certificate authority"));
    }
    let contact = acme.email.as_ref().map(|email| format!("mailto:{email}"));
    let contact: Vec<&str> = contact.as_deref().into_iter().collect();
    let new = NewAccount { contact: &contact, terms_of_service_agreed: true, only_return_existing: false };
    let (account, credentials) = builder
        .create(&new, acme.directory.clone(), None)
        .await
        .map_err(at("opening an account with the certificate authority"))?;
    write(acme, credentials)?;
    info!("an account with the certificate authority was opened");
    Ok(account)
}

fn read(acme: &Acme) -> Result<Option<AccountCredentials>, AcmeError> {
    let path = acme.folder.join(FILE);
    match fs::read(&path) {
        Ok(bytes) => {
            let kept: Option<Kept> = serde_json::from_slice(&bytes).ok();
            Ok(kept.filter(|kept| kept.directory == acme.directory).map(|kept| kept.credentials))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(AcmeError::File { path, error }),
    }
}

fn write(acme: &Acme, credentials: AccountCredentials) -> Result<(), AcmeError> {
    let path = acme.folder.join(FILE);
    let kept = Kept { directory: acme.directory.clone(), credentials };
    let text = serde_json::to_string(&kept)
        .map_err(|error| AcmeError::File { path: path.clone(), error: io::Error::other(error) })?;
    stored::write_secret(&path, &text).map_err(|error| AcmeError::File { path, error })
}
