//! Cursors (RFC 9865): where the next page begins, in a token that only its own query can use.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::schema::ResourceType;
use super::sort::SortKey;
use super::{Error, ScimType};
use crate::base::limits::{CURSOR_BYTES_MAX, CURSOR_SECS_MAX};
use crate::base::time::Timestamp;

/// What a cursor belongs to. A token made for one query is refused by every other.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    pub resource_type: ResourceType,
    pub filter: Option<&'a str>,
    pub sort_by: Option<&'a str>,
    pub sort_order: Option<&'a str>,
    /// What else must be the same: the directory, and a secret of this server, so that nobody can
    /// make a cursor of their own.
    pub scope: &'a str,
}

/// The resource after which the next page begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Position {
    /// `None` when the query isn't sorted.
    pub key: Option<SortKey>,
    pub id: String,
}

/// The token for the page after `position`.
pub fn encode(position: &Position, query: Query<'_>, now: Timestamp) -> String {
    let key = position.key.as_ref().map_or(json!([]), |key| json!([key.to_json()]));
    let payload = json!([now.millis(), position.id, key]).to_string();
    let mut token = vec![VERSION];
    token.extend_from_slice(hmac::sign(&key_of(query), payload.as_bytes()).as_ref());
    token.extend_from_slice(payload.as_bytes());
    URL_SAFE_NO_PAD.encode(token)
}

/// Reads a token.
///
/// # Errors
///
/// `invalidCursor` when it is not one of ours or belongs to another query; `expiredCursor` when it
/// is older than [`CURSOR_SECS_MAX`].
pub fn decode(token: &str, query: Query<'_>, now: Timestamp) -> Result<Position, Error> {
    let (issued, position) = read(token, query).ok_or_else(|| {
        Error::new(
            ScimType::InvalidCursor,
            "cursor does not belong to this query; send nextCursor as it came, with the same parameters",
        )
    })?;
    let age_millis = now.millis().saturating_sub(issued);
    if i64::try_from(CURSOR_SECS_MAX).unwrap_or(i64::MAX).saturating_mul(1000) < age_millis {
        return Err(Error::new(
            ScimType::ExpiredCursor,
            format!("cursor is older than {CURSOR_SECS_MAX} seconds; start again with an empty cursor"),
        ));
    }
    Ok(position)
}

fn read(token: &str, query: Query<'_>) -> Option<(i64, Position)> {
    if CURSOR_BYTES_MAX < token.len() {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (version, rest) = bytes.split_first()?;
    if *version != VERSION {
        return None;
    }
    let (tag, payload) = rest.split_at_checked(TAG_BYTES)?;
    hmac::verify(&key_of(query), payload, tag).ok()?;
    let payload: Value = serde_json::from_slice(payload).ok()?;
    let [issued, Value::String(id), Value::Array(key)] = payload.as_array()?.as_slice() else { return None };
    let key = match key.first() {
        Some(key) => Some(SortKey::from_json(key)?),
        None => None,
    };
    Some((issued.as_i64()?, Position { key, id: id.clone() }))
}

/// The key that signs a query's cursors: each part with its length before it, so that no two
/// queries run together into one.
fn key_of(query: Query<'_>) -> hmac::Key {
    let mut material = Vec::new();
    let parts =
        [Some(query.scope), Some(query.resource_type.name()), query.filter, query.sort_by, query.sort_order];
    for part in parts {
        let text = part.unwrap_or_default();
        material.push(u8::from(part.is_some()));
        material.extend_from_slice(&text.len().to_be_bytes());
        material.extend_from_slice(text.as_bytes());
    }
    hmac::Key::new(hmac::HMAC_SHA256, &material)
}

const VERSION: u8 = 1;
const TAG_BYTES: usize = 32;

#[cfg(test)]
mod tests {
    use super::{Position, Query, SortKey, Timestamp, decode, encode};
    use crate::base::limits::CURSOR_SECS_MAX;
    use crate::scim::ScimType;
    use crate::scim::moment::Moment;
    use crate::scim::schema::ResourceType;

    const NOW: Timestamp = Timestamp::from_millis(1_768_478_400_000);

    const QUERY: Query<'static> = Query {
        resource_type: ResourceType::User,
        filter: Some("active eq true"),
        sort_by: Some("userName"),
        sort_order: None,
        scope: "directory_1 secret",
    };

    fn position() -> Position {
        Position { key: Some(SortKey::Text("zoë".into())), id: "directory_user_1".into() }
    }

    #[test]
    fn a_cursor_gives_back_its_position_and_is_safe_in_a_url() {
        let keys = [
            None,
            Some(SortKey::Missing),
            Moment::from_total_nanos(-1).map(SortKey::Moment),
            Some(SortKey::Boolean(true)),
        ];
        for key in keys {
            let position = Position { key, ..position() };
            let token = encode(&position, QUERY, NOW);
            assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
            assert_eq!(decode(&token, QUERY, NOW), Ok(position));
        }
    }

    #[test]
    fn a_cursor_of_another_query_or_a_changed_one_is_invalid() {
        let token = encode(&position(), QUERY, NOW);
        let others = [
            Query { resource_type: ResourceType::Group, ..QUERY },
            Query { filter: None, ..QUERY },
            Query { filter: Some(""), ..QUERY },
            Query { sort_by: None, ..QUERY },
            Query { sort_order: Some("descending"), ..QUERY },
            Query { scope: "directory_2 secret", ..QUERY },
        ];
        for other in others {
            let error = decode(&token, other, NOW).expect_err("must be refused");
            assert_eq!(error.scim_type, ScimType::InvalidCursor);
        }
        for index in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[index] = if changed[index] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).expect("ascii");
            assert!(decode(&changed, QUERY, NOW).is_err(), "byte {index} can be changed");
        }
        for token in ["", "x", "AQ", "!!!", &"A".repeat(100_000)] {
            assert_eq!(
                decode(token, QUERY, NOW).map_err(|error| error.scim_type),
                Err(ScimType::InvalidCursor)
            );
        }
    }

    #[test]
    fn a_cursor_works_until_its_time_is_over() {
        let token = encode(&position(), QUERY, NOW);
        let end = i64::try_from(CURSOR_SECS_MAX).expect("small") * 1000;
        assert!(decode(&token, QUERY, NOW.plus_millis(end)).is_ok());
        let error = decode(&token, QUERY, NOW.plus_millis(end + 1)).expect_err("too late");
        assert_eq!(error.scim_type, ScimType::ExpiredCursor);
    }
}
