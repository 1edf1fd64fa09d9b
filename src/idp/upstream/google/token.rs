//! The token endpoint: a JWT signed by the service account's key against an access token that ends.

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::base::time::Timestamp;
use crate::idp::upstream::people::DOMAIN;
use crate::idp::upstream::random;

pub const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// Google's own libraries name it whatever the key file's `token_uri` says.
const GOOGLE_AUDIENCE: &str = "https://oauth2.googleapis.com/token";
/// What Google forgives of a clock that differs.
const SKEW_SECS: i64 = 300;
const LIFE_SECS_MAX: i64 = 3_600;

/// The scopes that the fake customer's administrator has delegated.
pub const SCOPES: &[&str] = &[
    "https://www.googleapis.com/auth/admin.directory.user.readonly",
    "https://www.googleapis.com/auth/admin.directory.group.readonly",
    "https://www.googleapis.com/auth/admin.directory.group.member.readonly",
    "https://www.googleapis.com/auth/admin.directory.orgunit.readonly",
    "https://www.googleapis.com/auth/admin.directory.userschema.readonly",
];

/// A service account as its owner and as Google know it.
#[derive(Debug, Clone)]
pub struct ServiceAccount {
    private_key_pem: String,
    public_key: Vec<u8>,
    key_id: String,
    client_id: String,
    pub email: String,
}

/// Who may be impersonated.
pub fn admin_email() -> String {
    format!("admin@{DOMAIN}")
}

impl ServiceAccount {
    /// A new one with a key of its own.
    ///
    /// # Errors
    ///
    /// When no key can be made.
    pub fn generate() -> Result<Self, aws_lc_rs::error::Unspecified> {
        let pair = KeyPair::generate(KeySize::Rsa2048)?;
        let der: Pkcs8V1Der<'_> = pair.as_der()?;
        Ok(Self {
            private_key_pem: pem(der.as_ref()),
            public_key: pair.public_key().as_ref().to_vec(),
            key_id: random::hex(20),
            client_id: format!("1{:020}", random::number() % 1_000_000_000_000_000),
            email: "roster-sync@rosterd-fake.iam.gserviceaccount.com".to_owned(),
        })
    }

    /// The file that Google lets one download, with our addresses.
    pub fn key_file(&self, token_uri: &str) -> Value {
        json!({
            "type": "service_account",
            "project_id": "rosterd-fake",
            "private_key_id": self.key_id,
            "private_key": self.private_key_pem,
            "client_email": self.email,
            "client_id": self.client_id,
            "auth_uri": token_uri.replace("/token", "/auth"),
            "token_uri": token_uri,
            "universe_domain": "googleapis.com",
        })
    }
}

fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = (0..text.len()).step_by(64).map(|at| &text[at..text.len().min(at + 64)]).collect();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"))
}

/// Why no token is given; the words are those of the token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    Grant,
    Malformed,
    Algorithm,
    Signature,
    Issuer,
    Audience,
    /// `iat` and `exp` are not within an hour around now.
    Lifetime,
    Subject,
    Scope,
}

impl Refusal {
    /// Status, code and description.
    pub fn words(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::Grant => {
                (400, "unsupported_grant_type", "Invalid grant_type: must be the JWT bearer grant")
            }
            Self::Malformed => (400, "invalid_request", "Bad Request: the assertion is no JWT"),
            Self::Algorithm => (400, "invalid_grant", "Invalid JWT: the algorithm must be RS256"),
            Self::Signature => (400, "invalid_grant", "Invalid JWT Signature."),
            Self::Issuer => (400, "invalid_grant", "Invalid grant: account not found"),
            Self::Audience => (400, "invalid_grant", "Invalid JWT: Failed audience check"),
            Self::Lifetime => (
                400,
                "invalid_grant",
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check \
                 your iat and exp values in the JWT claim.",
            ),
            Self::Subject => (400, "invalid_grant", "Invalid email or User ID"),
            Self::Scope => (
                401,
                "unauthorized_client",
                "Client is unauthorized to retrieve access tokens using this method, or client not authorized for \
                 any of the scopes requested.",
            ),
        }
    }
}

/// The scopes that the assertion is good for.
///
/// # Errors
///
/// [`Refusal`], the first thing found wrong.
pub fn verify(
    account: &ServiceAccount,
    assertion: &str,
    token_uri: &str,
    now: Timestamp,
) -> Result<Vec<String>, Refusal> {
    let (signed, signature) = assertion.rsplit_once('.').ok_or(Refusal::Malformed)?;
    let (header, claims) = signed.split_once('.').ok_or(Refusal::Malformed)?;
    let (header, claims) = (part(header)?, part(claims)?);
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Refusal::Malformed)?;
    if header["alg"] != "RS256" {
        return Err(Refusal::Algorithm);
    }
    if claims["iss"] != account.email.as_str() {
        return Err(Refusal::Issuer);
    }
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &account.public_key)
        .verify(signed.as_bytes(), &signature)
        .map_err(|_| Refusal::Signature)?;
    if claims["aud"] != token_uri && claims["aud"] != GOOGLE_AUDIENCE {
        return Err(Refusal::Audience);
    }
    check_lifetime(&claims, now.millis() / 1_000)?;
    if claims["sub"] != admin_email().as_str() {
        return Err(Refusal::Subject);
    }
    let scopes: Vec<String> =
        claims["scope"].as_str().unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    // One scope too many and there is no token at all.
    let is_delegated = !scopes.is_empty() && scopes.iter().all(|scope| SCOPES.contains(&scope.as_str()));
    if is_delegated { Ok(scopes) } else { Err(Refusal::Scope) }
}

fn check_lifetime(claims: &Value, now: i64) -> Result<(), Refusal> {
    let (Some(issued), Some(ends)) = (claims["iat"].as_i64(), claims["exp"].as_i64()) else {
        return Err(Refusal::Lifetime);
    };
    let is_short = issued < ends && ends.saturating_sub(issued) <= LIFE_SECS_MAX;
    let is_now = issued <= now.saturating_add(SKEW_SECS) && now <= ends.saturating_add(SKEW_SECS);
    if is_short && is_now { Ok(()) } else { Err(Refusal::Lifetime) }
}

fn part(text: &str) -> Result<Value, Refusal> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Refusal::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| Refusal::Malformed)
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};

    use super::*;

    const TOKEN_URI: &str = "http://127.0.0.1:1/token";
    const NOW: i64 = 1_790_000_000;

    fn claims(account: &ServiceAccount) -> Value {
        json!({"iss": account.email, "sub": admin_email(), "scope": SCOPES[0], "aud": TOKEN_URI,
               "iat": NOW, "exp": NOW + 3_600})
    }

    fn assertion(account: &ServiceAccount, header: &Value, claims: &Value) -> String {
        let lines: String = account.private_key_pem.lines().filter(|line| !line.starts_with('-')).collect();
        let pair = RsaKeyPair::from_pkcs8(&STANDARD.decode(lines).unwrap()).unwrap();
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", encode(header), encode(claims));
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn check(account: &ServiceAccount, assertion: &str, expected: Result<usize, Refusal>) {
        let now = Timestamp::from_millis(NOW * 1_000);
        let found = verify(account, assertion, TOKEN_URI, now).map(|scopes| scopes.len());
        assert_eq!(found, expected, "{assertion}");
    }

    #[test]
    fn only_a_true_assertion_is_good_for_its_scopes() {
        let account = ServiceAccount::generate().unwrap();
        let rs256 = json!({"alg": "RS256", "typ": "JWT"});
        check(&account, &assertion(&account, &rs256, &claims(&account)), Ok(1));
        let wrong: [(&str, Value, Refusal); 8] = [
            ("iss", json!("other@example.com"), Refusal::Issuer),
            ("aud", json!("https://example.com/token"), Refusal::Audience),
            ("exp", json!(NOW + 3_601), Refusal::Lifetime),
            ("iat", json!(NOW + 301), Refusal::Lifetime),
            ("exp", json!("soon"), Refusal::Lifetime),
            ("sub", json!("someone@upstream.example"), Refusal::Subject),
            ("scope", json!(""), Refusal::Scope),
            ("scope", json!("https://www.googleapis.com/auth/admin.directory.user"), Refusal::Scope),
        ];
        for (claim, value, refusal) in wrong {
            let mut claims = claims(&account);
            claims[claim] = value;
            check(&account, &assertion(&account, &rs256, &claims), Err(refusal));
        }
    }

    #[test]
    fn a_signature_of_another_key_or_algorithm_is_refused() {
        let (account, other) = (ServiceAccount::generate().unwrap(), ServiceAccount::generate().unwrap());
        let rs256 = json!({"alg": "RS256"});
        check(&account, &assertion(&other, &rs256, &claims(&account)), Err(Refusal::Signature));
        check(
            &account,
            &assertion(&account, &json!({"alg": "none"}), &claims(&account)),
            Err(Refusal::Algorithm),
        );
        check(&account, "abc", Err(Refusal::Malformed));
        check(&account, "a.b.c", Err(Refusal::Malformed));
    }

    #[test]
    fn a_key_file_holds_what_google_puts_in() {
        let account = ServiceAccount::generate().unwrap();
        let file = account.key_file(TOKEN_URI);
        assert_eq!(file["type"], "service_account");
        assert_eq!(file["token_uri"], TOKEN_URI);
        assert!(file["private_key"].as_str().unwrap().starts_with("-----BEGIN PRIVATE KEY-----\nMII"));
    }
}
