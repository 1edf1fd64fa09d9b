//! `/oauth/token`: OAuth 2.0 client credentials (RFC 6749 §4.4) for providers that want them. The
//! client id is the directory's id, the secret any of its tokens.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, Method, StatusCode, header};
use serde_json::json;

use crate::service::oauth;
use crate::service::{Context, Denied};
use crate::web::{Request, Response, query_pairs, response};

const FORM_BYTES_MAX: usize = 8 * 1024;

/// Why no access token is given, in the words of RFC 6749 §5.2.
struct Refusal {
    status: StatusCode,
    error: &'static str,
    description: String,
}

pub async fn token(context: &Context, request: Request) -> Response {
    match grant(context, request).await {
        Ok(granted) => {
            let body = json!({
                "access_token": granted.token.reveal(),
                "token_type": "Bearer",
                "expires_in": granted.expires_in_secs,
            });
            without_cache(response(StatusCode::OK, "application/json", body.to_string()))
        }
        Err(refusal) => {
            let body = json!({"error": refusal.error, "error_description": refusal.description});
            let mut response = response(refusal.status, "application/json", body.to_string());
            if refusal.status == StatusCode::UNAUTHORIZED {
                let value = HeaderValue::from_static("Basic realm=\"SCIM\"");
                response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
            }
            without_cache(response)
        }
    }
}

async fn grant(context: &Context, mut request: Request) -> Result<oauth::Granted, Refusal> {
    let invalid = |description: &str| Refusal {
        status: StatusCode::BAD_REQUEST,
        error: "invalid_request",
        description: description.to_owned(),
    };
    if *request.method() != Method::POST {
        let status = StatusCode::METHOD_NOT_ALLOWED;
        return Err(Refusal { status, ..invalid("send a POST with a form") });
    }
    let bytes = request.read_body(FORM_BYTES_MAX).await.map_err(|error| invalid(&error.to_string()))?;
    let form = std::str::from_utf8(&bytes).map_err(|_| invalid("the form is not UTF-8"))?;
    let fields = query_pairs(form).map_err(|error| invalid(&error.to_string()))?;
    let field = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    match field("grant_type").as_deref() {
        Some("client_credentials") => {}
        Some(_) => {
            let description = "only client_credentials is supported".to_owned();
            return Err(Refusal { error: "unsupported_grant_type", description, ..invalid("") });
        }
        None => return Err(invalid("grant_type is missing: send grant_type=client_credentials")),
    }
    let basic = request.header(header::AUTHORIZATION).and_then(basic);
    let in_form = || Some((field("client_id")?, field("client_secret")?));
    let (client_id, secret) = basic.or_else(in_form).ok_or_else(|| refused("client_id and client_secret are missing"))?;
    oauth::grant(context, &client_id, &secret).await.map_err(|denied| match denied {
        Denied::Unauthorized { .. } => {
            refused("the client id is the directory's id, the secret one of its tokens: one of the two is wrong")
        }
        Denied::Paused { .. } => refused("the directory is paused or disconnected"),
        Denied::Unavailable => Refusal {
            status: StatusCode::SERVICE_UNAVAILABLE,
            error: "temporarily_unavailable",
            description: "the store can't answer now; try again shortly".to_owned(),
        },
    })
}

fn refused(description: &str) -> Refusal {
    Refusal { status: StatusCode::UNAUTHORIZED, error: "invalid_client", description: description.to_owned() }
}

/// Client id and secret of HTTP Basic, form-encoded as RFC 6749 §2.3.1 wants.
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((decode(id)?, decode(secret)?))
}

fn decode(text: &str) -> Option<String> {
    let pairs = query_pairs(&format!("x={text}")).ok()?;
    pairs.into_iter().next().map(|(_, value)| value)
}

fn without_cache(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
