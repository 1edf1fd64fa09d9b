//! Identifiers: a prefix that names the kind and a ULID that sorts by time.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use ulid::Ulid;

use super::secret;
use super::time::Timestamp;

/// What an identifier names; gives the prefix that is sent out.
pub trait Kind {
    /// The text before the ULID, with its underscore: `directory_user_`.
    const PREFIX: &'static str;
}

/// The kinds of things that have identifiers.
pub mod kind {
    use super::Kind;

    macro_rules! kinds {
        ($($name:ident $prefix:literal),* $(,)?) => {
            $(
                #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
                pub enum $name {}
                impl Kind for $name {
                    const PREFIX: &'static str = $prefix;
                }
            )*
        };
    }

    kinds! {
        Organization "org_",
        OrganizationDomain "org_domain_",
        Directory "directory_",
        User "directory_user_",
        Group "directory_group_",
        Token "directory_token_",
        Event "event_",
        WebhookEndpoint "webhook_endpoint_",
        Request "request_",
        Key "key_",
        Alarm "alarm_",
    }
}

pub type OrganizationId = Id<kind::Organization>;
pub type OrganizationDomainId = Id<kind::OrganizationDomain>;
pub type DirectoryId = Id<kind::Directory>;
pub type UserId = Id<kind::User>;
pub type GroupId = Id<kind::Group>;
pub type TokenId = Id<kind::Token>;
pub type EventId = Id<kind::Event>;
pub type WebhookEndpointId = Id<kind::WebhookEndpoint>;
pub type RequestId = Id<kind::Request>;
pub type KeyId = Id<kind::Key>;
pub type AlarmId = Id<kind::Alarm>;

/// An identifier of one kind of thing. `Display` and `FromStr` use the full text with prefix;
/// the store keeps [`Id::ulid_text`] alone.
pub struct Id<K> {
    ulid: Ulid,
    kind: PhantomData<fn() -> K>,
}

impl<K: Kind> Id<K> {
    /// A new identifier: the time given, and 80 random bits.
    pub fn new(now: Timestamp) -> Self {
        let random = u128::from_be_bytes(secret::random_bytes::<16>());
        Self::from_ulid(Ulid::from_parts(now.millis().max(0).unsigned_abs(), random))
    }

    pub fn from_ulid(ulid: Ulid) -> Self {
        Self { ulid, kind: PhantomData }
    }

    pub fn ulid(self) -> Ulid {
        self.ulid
    }

    /// The 26 characters without prefix, as the store keeps them.
    pub fn ulid_text(self) -> String {
        self.ulid.to_string()
    }

    /// Reads what [`Id::ulid_text`] wrote.
    pub fn from_ulid_text(text: &str) -> Option<Self> {
        Ulid::from_string(text).ok().filter(|ulid| ulid.to_string() == text).map(Self::from_ulid)
    }
}

/// The text is not an identifier of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongId {
    pub expected_prefix: &'static str,
}

impl fmt::Display for WrongId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not an id that starts with {}", self.expected_prefix)
    }
}

impl std::error::Error for WrongId {}

impl<K: Kind> FromStr for Id<K> {
    type Err = WrongId;

    fn from_str(text: &str) -> Result<Self, WrongId> {
        text.strip_prefix(K::PREFIX)
            .and_then(Self::from_ulid_text)
            .ok_or(WrongId { expected_prefix: K::PREFIX })
    }
}

impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", K::PREFIX, self.ulid)
    }
}

impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Id<K> {}

impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.ulid == other.ulid
    }
}

impl<K> Eq for Id<K> {}

impl<K> std::hash::Hash for Id<K> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.ulid.hash(state);
    }
}

impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.ulid.cmp(&other.ulid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_what_it_prints() {
        let id = UserId::new(Timestamp::from_millis(1_700_000_000_000));
        assert!(id.to_string().starts_with("directory_user_01"));
        assert_eq!(id.to_string().parse::<UserId>(), Ok(id));
    }

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let id = GroupId::new(Timestamp::from_millis(1));
        assert!(id.to_string().parse::<UserId>().is_err());
        assert!(format!("directory_user_{}", id.ulid_text().to_lowercase()).parse::<UserId>().is_err());
    }
}
