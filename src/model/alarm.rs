//! Alarms: what somebody should look at, in words for people.

use serde_json::{Map, Value};

use crate::base::id::{AlarmId, DirectoryId};
use crate::base::time::Timestamp;

/// One alarm of one directory. At most one of a kind is open at a time.
#[derive(Debug, Clone, PartialEq)]
pub struct Alarm {
    pub id: AlarmId,
    pub directory_id: DirectoryId,
    pub kind: AlarmKind,
    pub raised_at: Timestamp,
    /// When its detail changed last.
    pub updated_at: Timestamp,
    /// When its cause was gone.
    pub cleared_at: Option<Timestamp>,
    /// Counts and ids, nothing personal.
    pub detail: Map<String, Value>,
    pub acknowledged_at: Option<Timestamp>,
    /// Who has seen it: the id of a key, or the operator.
    pub acknowledged_by: Option<String>,
}

/// What an alarm is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AlarmKind {
    DeprovisioningWave,
    UsersHeld,
    ProviderSilent,
    ErrorStreak,
    CredentialsRefused,
    TokenExpiring,
    TokenExpired,
    TokenStale,
    ConnectorFailed,
    ConnectorCredentials,
    ConnectorRemovalsWaiting,
    ConnectorIncomplete,
}

impl AlarmKind {
    pub const ALL: [Self; 12] = [
        Self::DeprovisioningWave,
        Self::UsersHeld,
        Self::ProviderSilent,
        Self::ErrorStreak,
        Self::CredentialsRefused,
        Self::TokenExpiring,
        Self::TokenExpired,
        Self::TokenStale,
        Self::ConnectorFailed,
        Self::ConnectorCredentials,
        Self::ConnectorRemovalsWaiting,
        Self::ConnectorIncomplete,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::DeprovisioningWave => "deprovisioning_wave",
            Self::UsersHeld => "users_held",
            Self::ProviderSilent => "provider_silent",
            Self::ErrorStreak => "error_streak",
            Self::CredentialsRefused => "credentials_refused",
            Self::TokenExpiring => "token_expiring",
            Self::TokenExpired => "token_expired",
            Self::TokenStale => "token_stale",
            Self::ConnectorFailed => "connector_failed",
            Self::ConnectorCredentials => "connector_credentials",
            Self::ConnectorRemovalsWaiting => "connector_removals_waiting",
            Self::ConnectorIncomplete => "connector_incomplete",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// What it means for people's access.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::DeprovisioningWave => {
                "Unusually many users lost access in a short time. That may be a real change at the customer, or a wrong \
                 group, filter or assignment at the identity provider."
            }
            Self::UsersHeld => {
                "Users were deprovisioned in a wave, and the app has not been told. They have no access; the app still \
                 shows them as active until someone decides."
            }
            Self::ProviderSilent => {
                "The identity provider has stopped calling. Whoever is dismissed now keeps access until it calls again."
            }
            Self::ErrorStreak => {
                "The identity provider gets nothing but errors. Changes, dismissals among them, may not arrive."
            }
            Self::CredentialsRefused => {
                "Someone calls the directory's address with credentials that are refused. If it is the identity \
                 provider, no change and no dismissal arrives."
            }
            Self::TokenExpiring => {
                "The token that the identity provider uses ends soon. From then on no dismissal arrives."
            }
            Self::TokenExpired => {
                "The token that the identity provider uses has ended. No change and no dismissal arrives."
            }
            Self::TokenStale => {
                "A token has not been used for a long time while others are. Whoever has it can still write to this \
                 directory."
            }
            Self::ConnectorFailed => {
                "The connector can't read the customer's directory. Whoever is dismissed now keeps access until it can."
            }
            Self::ConnectorCredentials => {
                "The connector's credentials are refused. Whoever is dismissed now keeps access until they are replaced."
            }
            Self::ConnectorRemovalsWaiting => {
                "A listing lacks unusually many users. They keep their access until someone confirms that they are gone."
            }
            Self::ConnectorIncomplete => {
                "The connector's listings are incomplete. Users missing from them keep their access; suspensions that \
                 are listed still take effect."
            }
        }
    }

    /// What to do next.
    pub fn next_step(self) -> &'static str {
        match self {
            Self::DeprovisioningWave => {
                "Ask the customer's admin whether so many people left. If not, have the provider's assignment put \
                 right: users that it sends as active again get their access back."
            }
            Self::UsersHeld => {
                "Look at them with `rosterd directory held NAME`, ask the customer's admin, then add --approve or --deny."
            }
            Self::ProviderSilent => {
                "Ask the customer's admin to look at the provisioning page of the identity provider: is it on, is it in \
                 quarantine, does its connection test pass?"
            }
            Self::ErrorStreak => {
                "See what is refused and why with `rosterd requests list --directory NAME --status 4xx`, and put it \
                 right at the identity provider."
            }
            Self::CredentialsRefused => {
                "Ask the customer's admin whether the token was changed; `rosterd token create NAME` makes a new one to \
                 enter at the identity provider."
            }
            Self::TokenExpiring | Self::TokenExpired => {
                "Make a new token with `rosterd token create NAME`, have the customer's admin enter it at the identity \
                 provider, then revoke the old one."
            }
            Self::TokenStale => "If nobody needs it, end it with `rosterd token revoke NAME TOKEN`.",
            Self::ConnectorFailed => {
                "See its last error with `rosterd directory health NAME`; if the other side is well, check the \
                 connector's settings."
            }
            Self::ConnectorCredentials => {
                "Have the customer's admin renew what the connector signs in with, and set it in the directory."
            }
            Self::ConnectorRemovalsWaiting => {
                "Ask the customer's admin whether so many people left, then approve or refuse the removals."
            }
            Self::ConnectorIncomplete => {
                "See with `rosterd directory health NAME` what is missing from the listings, and have the source mended."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_read_back_and_have_words() {
        for kind in AlarmKind::ALL {
            assert_eq!(AlarmKind::from_name(kind.name()), Some(kind));
            assert!(
                kind.meaning().ends_with('.') && kind.next_step().ends_with(['.', '?']),
                "{}",
                kind.name()
            );
        }
    }
}
