//! Kinds of identity providers: what they are called here and on the app's side.

/// The kind of identity provider at the other end of a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Provider {
    Okta,
    Entra,
    Google,
    OneLogin,
    JumpCloud,
    PingOne,
    PingFederate,
    CyberArk,
    SailPoint,
    Rippling,
    Workday,
    Authentik,
    Keycloak,
    Rauthy,
    Duo,
    AwsSsosync,
    MidPoint,
    Syncope,
    Generic,
}

impl Provider {
    pub const ALL: [Self; 19] = [
        Self::Okta,
        Self::Entra,
        Self::Google,
        Self::OneLogin,
        Self::JumpCloud,
        Self::PingOne,
        Self::PingFederate,
        Self::CyberArk,
        Self::SailPoint,
        Self::Rippling,
        Self::Workday,
        Self::Authentik,
        Self::Keycloak,
        Self::Rauthy,
        Self::Duo,
        Self::AwsSsosync,
        Self::MidPoint,
        Self::Syncope,
        Self::Generic,
    ];

    /// The name by which people and configuration call it: `okta`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Okta => "okta",
            Self::Entra => "entra",
            Self::Google => "google",
            Self::OneLogin => "onelogin",
            Self::JumpCloud => "jumpcloud",
            Self::PingOne => "pingone",
            Self::PingFederate => "pingfederate",
            Self::CyberArk => "cyberark",
            Self::SailPoint => "sailpoint",
            Self::Rippling => "rippling",
            Self::Workday => "workday",
            Self::Authentik => "authentik",
            Self::Keycloak => "keycloak",
            Self::Rauthy => "rauthy",
            Self::Duo => "duo",
            Self::AwsSsosync => "aws-ssosync",
            Self::MidPoint => "midpoint",
            Self::Syncope => "syncope",
            Self::Generic => "generic",
        }
    }

    /// The provider of that name, without regard to case. Former and longer names that people
    /// write are understood too.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase();
        let other = match name.as_str() {
            "azure" | "azuread" | "azure-ad" | "microsoft" | "entra-id" => Some(Self::Entra),
            "google-workspace" | "gsuite" => Some(Self::Google),
            "ping" => Some(Self::PingFederate),
            "keycloak-mitodl" => Some(Self::Keycloak),
            "scim" | "custom" => Some(Self::Generic),
            _ => None,
        };
        other.or_else(|| Self::ALL.into_iter().find(|provider| provider.name() == name))
    }

    /// What the app's API calls the directory's `type`; a closed list of WorkOS.
    pub fn type_name(self) -> &'static str {
        match self {
            Self::Okta => "okta scim v2.0",
            Self::Entra => "azure scim v2.0",
            Self::Google => "gsuite directory",
            Self::OneLogin => "onelogin scim v2.0",
            Self::JumpCloud => "jump cloud scim v2.0",
            Self::PingOne | Self::PingFederate => "pingfederate scim v2.0",
            Self::CyberArk => "cyberark scim v2.0",
            Self::SailPoint => "sailpoint scim v2.0",
            Self::Rippling => "rippling scim v2.0",
            Self::Workday => "workday",
            Self::Authentik
            | Self::Keycloak
            | Self::Rauthy
            | Self::Duo
            | Self::AwsSsosync
            | Self::MidPoint
            | Self::Syncope
            | Self::Generic => "generic scim v2.0",
        }
    }

    /// The status of a PATCH of a group that worked, when the directory doesn't say: the known
    /// providers prefer 204 without the members, an unknown client the whole group.
    pub fn group_patch_status(self) -> u16 {
        match self {
            Self::Generic => 200,
            _ => 204,
        }
    }

    /// Whether two groups of a directory may not have one name, when the directory doesn't say:
    /// Entra asks for it.
    pub fn has_unique_group_names(self) -> bool {
        matches!(self, Self::Entra)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_provider_is_found_by_its_name_in_any_case() {
        for provider in Provider::ALL {
            assert_eq!(Provider::from_name(provider.name()), Some(provider));
            assert_eq!(Provider::from_name(&provider.name().to_uppercase()), Some(provider));
        }
        assert_eq!(Provider::from_name("azure"), Some(Provider::Entra));
        assert_eq!(Provider::from_name("nobody"), None);
    }

    #[test]
    fn only_generic_answers_a_group_patch_with_a_body() {
        for provider in Provider::ALL {
            let expected = if provider == Provider::Generic { 200 } else { 204 };
            assert_eq!(provider.group_patch_status(), expected, "{}", provider.name());
        }
    }
}
