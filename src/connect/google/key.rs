//! The JSON key of a service account, as Google gives it.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject;
use serde_json::{Value, json};

use crate::base::secret::Secret;
use crate::base::time::Timestamp;

const TOKEN_URL: &str = "https://oauth2.googleapis.com/token";
/// Seconds for which an assertion is good; an hour is the most that Google takes.
const ASSERTION_SECS: i64 = 3_600;

/// What signs requests for tokens.
#[derive(Clone)]
pub struct ServiceAccount {
    pub client_email: String,
    pub client_id: String,
    pub token_url: String,
    key_id: String,
    key: Secret,
}

impl std::fmt::Debug for ServiceAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "service account {}", self.client_email)
    }
}

impl ServiceAccount {
    /// # Errors
    ///
    /// What is wrong with the key, and what would be right.
    pub fn read(value: &Value) -> Result<Self, String> {
        let parsed;
        let value = match value {
            // What a file holds, pasted as a text.
            Value::String(text) => {
                parsed = serde_json::from_str(text)
                    .map_err(|_| "the key is not JSON: give the file as Google made it".to_owned())?;
                &parsed
            }
            other => other,
        };
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        match text("type").as_deref() {
            Some("service_account") => {}
            Some("authorized_user") => {
                return Err("this is a user's credential: make a key of a service account".to_owned());
            }
            _ => {
                return Err("the key has no \"type\": \"service_account\": give the file as Google made it"
                    .to_owned());
            }
        }
        let missing = |name: &str| format!("the key has no {name}: give the file as Google made it");
        let key = Secret::new(text("private_key").ok_or_else(|| missing("private_key"))?);
        let account = Self {
            client_email: text("client_email").ok_or_else(|| missing("client_email"))?,
            client_id: text("client_id").unwrap_or_default(),
            token_url: text("token_uri").unwrap_or_else(|| TOKEN_URL.to_owned()),
            key_id: text("private_key_id").unwrap_or_default(),
            key,
        };
        account.pair()?;
        Ok(account)
    }

    fn pair(&self) -> Result<KeyPair, String> {
        let wrong = "its private_key is no RSA key in PEM form (PKCS#8): give the file as Google made it";
        let der = PrivatePkcs8KeyDer::from_pem_slice(self.key.reveal().as_bytes()).map_err(|_| wrong)?;
        KeyPair::from_pkcs8(der.secret_pkcs8_der()).map_err(|_| wrong.to_owned())
    }

    /// A signed request for a token on behalf of `subject` (RFC 7523, RS256).
    ///
    /// # Errors
    ///
    /// When the key can't sign.
    pub fn assertion(&self, subject: &str, scopes: &str, now: Timestamp) -> Result<Secret, String> {
        let issued = now.millis() / 1_000;
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": self.key_id});
        let claims = json!({
            "iss": self.client_email,
            "sub": subject,
            "scope": scopes,
            "aud": self.token_url,
            "iat": issued,
            "exp": issued + ASSERTION_SECS,
        });
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", encode(&header), encode(&claims));
        let pair = self.pair()?;
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
            .map_err(|_| "the private_key can't sign".to_owned())?;
        Ok(Secret::new(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))))
    }
}
