//! Google's error bodies: one code, a message, and a list of reasons.

use serde_json::json;

use crate::idp::upstream::answer::Answer;

/// An error as the Directory API words it.
pub fn error(status: u16, domain: &str, reason: &str, message: &str) -> Answer {
    let status_name = match status {
        400 => Some("INVALID_ARGUMENT"),
        401 => Some("UNAUTHENTICATED"),
        403 => Some("PERMISSION_DENIED"),
        404 => Some("NOT_FOUND"),
        429 => Some("RESOURCE_EXHAUSTED"),
        503 => Some("UNAVAILABLE"),
        _ => None,
    };
    let mut body = json!({
        "code": status,
        "message": message,
        "errors": [{"message": message, "domain": domain, "reason": reason}],
    });
    // Quota errors come without a name for the status, most others with one.
    if let (Some(name), false) = (status_name, domain == "usageLimits") {
        body["status"] = json!(name);
    }
    Answer::json(status, &json!({ "error": body }))
}

pub fn quota(status: u16, reason: &str) -> Answer {
    let message = match reason {
        "userRateLimitExceeded" => "User Rate Limit Exceeded",
        "rateLimitExceeded" => "Rate Limit Exceeded",
        _ => "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user'",
    };
    error(status, "usageLimits", reason, message)
}

pub fn unauthorized() -> Answer {
    let challenge = "Bearer realm=\"https://accounts.google.com/\", error=\"invalid_token\"";
    let message = "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or \
                   other valid authentication credential.";
    error(401, "global", "authError", message).with("www-authenticate", challenge)
}

pub fn insufficient_scope() -> Answer {
    let message = "Request had insufficient authentication scopes.";
    error(403, "global", "insufficientPermissions", message)
}

pub fn not_found(what: &str) -> Answer {
    error(404, "global", "notFound", &format!("Resource Not Found: {what}"))
}

pub fn invalid(message: &str) -> Answer {
    error(400, "global", "invalid", message)
}

pub fn bad_request() -> Answer {
    error(400, "global", "badRequest", "Bad Request")
}

/// What the token endpoint answers when it gives no token (RFC 6749 §5.2).
pub fn token(status: u16, code: &str, description: &str) -> Answer {
    Answer::json(status, &json!({"error": code, "error_description": description}))
}
