//! The core User schema (RFC 7643 §4.1).

use super::build::{binary, boolean, complex, reference, string};
use super::{Attribute, Schema, urn};

pub(super) fn schema() -> Schema {
    let mut attributes = singular();
    attributes.extend(contacts());
    attributes.extend(authorizations());
    Schema {
        id: urn::USER.to_owned(),
        name: "User".to_owned(),
        description: "A person's account".to_owned(),
        attributes,
    }
}

fn singular() -> Vec<Attribute> {
    vec![
        string(
            "userName",
            "Name that identifies the user in this directory, usually what they sign in with.",
        )
        .required()
        .unique(),
        complex("name", "The parts of the user's name.", name()),
        string("displayName", "Name to show for the user."),
        string("nickName", "What the user is called informally."),
        reference("profileUrl", "Web page about the user.", &["external"]),
        string("title", "Job title."),
        string("userType", "How the user relates to the organization, such as Employee or Contractor."),
        string("preferredLanguage", "Languages the user prefers, in the form of an Accept-Language header."),
        string("locale", "Language tag by which to format numbers, dates and currency."),
        string("timezone", "Time zone by its IANA name."),
        boolean("active", "Whether the user may use the service; true where a creation does not say.").with_default(),
        string("password", "Accepted and thrown away: this server keeps no passwords.").write_only(),
    ]
}

fn name() -> Vec<Attribute> {
    vec![
        string("formatted", "The whole name as it is shown."),
        string("familyName", "Family name, or last name."),
        string("givenName", "Given name, or first name."),
        string("middleName", "Middle names."),
        string("honorificPrefix", "Title before the name, such as Dr."),
        string("honorificSuffix", "Suffix after the name, such as III."),
    ]
}

fn contacts() -> Vec<Attribute> {
    vec![
        values("emails", "E-mail addresses.", "E-mail address.", &["work", "home", "other"]),
        values(
            "phoneNumbers",
            "Telephone numbers.",
            "Telephone number, best as a tel: URI.",
            &["work", "home", "mobile", "fax", "pager", "other"],
        ),
        values(
            "ims",
            "Instant messaging addresses.",
            "Instant messaging address.",
            &["aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo", "other"],
        ),
        complex(
            "photos",
            "Pictures of the user.",
            with_value(reference("value", "Address of the picture.", &["external"]), &["photo", "thumbnail"]),
        )
        .many(),
        complex("addresses", "Postal addresses.", address()).many(),
    ]
}

// The listing in RFC 7643 §8.7.1 leaves `primary` out of addresses, but §2.4 gives it to every
// multi-valued attribute and the full user of §8.2 has it.
fn address() -> Vec<Attribute> {
    vec![
        string("formatted", "The whole address as it is shown or printed."),
        string("streetAddress", "Street, house number, post office box."),
        string("locality", "City or locality."),
        string("region", "State or region."),
        string("postalCode", "Postal code."),
        string("country", "Country, as an ISO 3166-1 alpha-2 code."),
        kind(&["work", "home", "other"]),
        primary(),
    ]
}

fn authorizations() -> Vec<Attribute> {
    vec![
        complex("groups", "Groups the user is in; changed through the groups themselves.", groups())
            .many()
            .read_only(),
        values("entitlements", "Things the user has been given.", "Entitlement.", &[]),
        values("roles", "Roles of the user.", "Role.", &[]),
        complex(
            "x509Certificates",
            "Certificates issued to the user.",
            with_value(binary("value", "DER certificate in base64."), &[]),
        )
        .many(),
    ]
}

fn groups() -> Vec<Attribute> {
    vec![
        string("value", "Identifier of the group.").case_exact(),
        reference("$ref", "Address of the group.", &["User", "Group"]),
        string("display", "Name of the group."),
        string("type", "Whether the user is a member itself or by way of another group.")
            .suggested(&["direct", "indirect"]),
    ]
}

fn values(name: &str, description: &str, value: &str, kinds: &[&str]) -> Attribute {
    complex(name, description, with_value(string("value", value), kinds)).many()
}

fn with_value(value: Attribute, kinds: &[&str]) -> Vec<Attribute> {
    vec![value, string("display", "The value as it is shown."), kind(kinds), primary()]
}

fn kind(kinds: &[&str]) -> Attribute {
    string("type", "What the value is for.").suggested(kinds)
}

fn primary() -> Attribute {
    boolean("primary", "Whether this is the preferred value; true at most once.")
}
