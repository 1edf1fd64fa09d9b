//! ServiceProviderConfig (RFC 7643 §5, RFC 9865 §4).

use serde_json::{Map, Value, json};

use super::meta;
use crate::base::limits::{
    BULK_BODY_BYTES_MAX, BULK_OPERATIONS_MAX, CURSOR_SECS_MAX, PAGE_RESOURCES_DEFAULT, PAGE_RESOURCES_MAX,
};
use crate::scim::schema::urn;

/// What this server can do. `base_url` is the directory's own, such as
/// `https://sync.example.com/scim/v2/acme`.
pub fn service_provider_config(base_url: &str, documentation_uri: &str) -> Map<String, Value> {
    let fields = [
        ("schemas", json!([urn::SERVICE_PROVIDER_CONFIG])),
        ("documentationUri", json!(documentation_uri)),
        ("patch", json!({"supported": true})),
        (
            "bulk",
            json!({
                "supported": true,
                "maxOperations": BULK_OPERATIONS_MAX,
                "maxPayloadSize": BULK_BODY_BYTES_MAX,
            }),
        ),
        ("filter", json!({"supported": true, "maxResults": PAGE_RESOURCES_MAX})),
        ("changePassword", json!({"supported": false})),
        ("sort", json!({"supported": true})),
        ("etag", json!({"supported": true})),
        (
            "pagination",
            json!({
                "cursor": true,
                "index": true,
                "defaultPaginationMethod": "index",
                "defaultPageSize": PAGE_RESOURCES_DEFAULT,
                "maxPageSize": PAGE_RESOURCES_MAX,
                "cursorTimeout": CURSOR_SECS_MAX,
            }),
        ),
        ("authenticationSchemes", schemes()),
        ("meta", meta("ServiceProviderConfig", base_url, "/ServiceProviderConfig")),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn schemes() -> Value {
    json!([
        {
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "A token of this directory in the Authorization header",
            "specUri": "https://www.rfc-editor.org/rfc/rfc6750",
            "primary": true,
        },
        {
            "type": "httpbasic",
            "name": "HTTP Basic",
            "description": "A token of this directory as the password, with any user name",
            "specUri": "https://www.rfc-editor.org/rfc/rfc7617",
        },
        {
            "type": "oauth2",
            "name": "OAuth 2.0 client credentials",
            "description": "The directory's id and a token of it, exchanged for an access token at /oauth/token",
            "specUri": "https://www.rfc-editor.org/rfc/rfc6749",
        },
    ])
}
