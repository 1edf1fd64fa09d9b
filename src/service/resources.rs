//! Resources between their stored form and the form in which they are sent.

use serde_json::{Map, Value, json};

use crate::base::id::GroupId;
use crate::base::time::Timestamp;
use crate::scim::resource::{About, Resource, render};
use crate::scim::schema::{ResourceType, TypeSchema};
use crate::store::directory::{DirectoryView, GroupRow, Member, UserRow};

/// A resource as read, with what was asked to be loaded besides.
#[derive(Debug, Clone)]
pub enum Loaded {
    User { row: UserRow, groups: Option<Vec<GroupOfUser>> },
    Group { row: GroupRow, members: Option<Vec<Member>> },
}

/// A group that a user is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupOfUser {
    pub id: GroupId,
    pub name: String,
    pub is_direct: bool,
}

impl Loaded {
    pub fn resource_type(&self) -> ResourceType {
        match self {
            Self::User { .. } => ResourceType::User,
            Self::Group { .. } => ResourceType::Group,
        }
    }

    /// The id as it is sent.
    pub fn id(&self) -> String {
        match self {
            Self::User { row, .. } => row.id.to_string(),
            Self::Group { row, .. } => row.id.to_string(),
        }
    }

    pub fn version(&self) -> u64 {
        match self {
            Self::User { row, .. } => row.version,
            Self::Group { row, .. } => row.version,
        }
    }

    fn document(&self) -> &str {
        match self {
            Self::User { row, .. } => &row.document,
            Self::Group { row, .. } => &row.document,
        }
    }

    fn times(&self) -> (Timestamp, Timestamp) {
        match self {
            Self::User { row, .. } => (row.created_at, row.last_modified),
            Self::Group { row, .. } => (row.created_at, row.last_modified),
        }
    }

    /// The address of the resource.
    pub fn location(&self, scim_url: &str) -> String {
        format!("{scim_url}{}/{}", self.resource_type().endpoint(), self.id())
    }

    /// The whole resource as JSON text, without parsing what is stored: for answers that nothing
    /// is taken out of.
    pub fn text(&self, scim_url: &str) -> String {
        let document = self.document();
        let mut text = String::with_capacity(document.len() + 512);
        text.push_str("{\"id\":\"");
        text.push_str(&self.id());
        text.push('"');
        let inner = document.get(1..document.len().saturating_sub(1)).unwrap_or_default();
        if !inner.is_empty() {
            text.push(',');
            text.push_str(inner);
        }
        if let Some((name, values)) = self.derived(scim_url).filter(|(_, values)| !values.is_empty()) {
            text.push_str(&format!(",\"{name}\":{}", Value::Array(values)));
        }
        text.push_str(",\"meta\":");
        text.push_str(&self.meta(scim_url).to_string());
        text.push('}');
        text
    }

    /// The whole resource as a map.
    pub fn map(&self, scim_url: &str) -> Map<String, Value> {
        let mut map = Map::new();
        map.insert("id".into(), self.id().into());
        map.extend(parse_object(self.document()));
        if let Some((name, values)) = self.derived(scim_url).filter(|(_, values)| !values.is_empty()) {
            map.insert(name.into(), Value::Array(values));
        }
        map.insert("meta".into(), self.meta(scim_url));
        map
    }

    fn meta(&self, scim_url: &str) -> Value {
        let (created, last_modified) = self.times();
        json!({
            "resourceType": self.resource_type().name(),
            "created": created.to_string(),
            "lastModified": last_modified.to_string(),
            "location": self.location(scim_url),
            "version": etag(self.version()),
        })
    }

    fn derived(&self, scim_url: &str) -> Option<(&'static str, Vec<Value>)> {
        match self {
            Self::User { groups, .. } => {
                let groups = groups.as_ref()?.iter().map(|group| group_value(group, scim_url));
                Some(("groups", groups.collect()))
            }
            Self::Group { members, .. } => {
                let members = members.as_ref()?.iter().map(|member| member_value(*member, scim_url));
                Some(("members", members.collect()))
            }
        }
    }
}

/// The entity tag of a version.
pub fn etag(version: u64) -> String {
    format!("W/\"{version}\"")
}

/// A member as it is sent.
pub fn member_value(member: Member, scim_url: &str) -> Value {
    let resource_type = match member {
        Member::User(_) => ResourceType::User,
        Member::Group(_) => ResourceType::Group,
    };
    let endpoint = resource_type.endpoint();
    json!({
        "value": member.to_string(),
        "$ref": format!("{scim_url}{endpoint}/{member}"),
        "type": resource_type.name(),
    })
}

fn group_value(group: &GroupOfUser, scim_url: &str) -> Value {
    json!({
        "value": group.id.to_string(),
        "$ref": format!("{scim_url}/Groups/{}", group.id),
        "display": group.name,
        "type": if group.is_direct { "direct" } else { "indirect" },
    })
}

/// The groups of a user, direct ones first.
pub fn groups_of_user(
    view: &DirectoryView<'_>,
    row: &UserRow,
) -> Result<Vec<GroupOfUser>, crate::store::Error> {
    let direct = view.groups_of(Member::User(row.id))?;
    if direct.is_empty() {
        return Ok(Vec::new());
    }
    let indirect = view.indirect_groups_of(&direct)?;
    let named = |is_direct: bool| move |(id, name)| GroupOfUser { id, name, is_direct };
    Ok(direct.into_iter().map(named(true)).chain(indirect.into_iter().map(named(false))).collect())
}

/// Reads a resource back from its stored form.
pub fn from_stored(document: &str, extra: Option<&str>) -> Resource {
    let mut attributes = parse_object(document);
    attributes.shift_remove("schemas");
    Resource { attributes, extra: extra.map(parse_object).unwrap_or_default() }
}

/// The stored form of a resource: ready to send but for id, derived attributes and meta; and its
/// unknown attributes.
pub fn to_stored(resource: &Resource, schema: &TypeSchema) -> (String, Option<String>) {
    let unset = Timestamp::from_millis(0);
    let about = About {
        id: "",
        created: unset,
        last_modified: unset,
        version: "",
        location: "",
        groups: None,
        members: None,
    };
    let mut document = render(resource, schema, about);
    document.shift_remove("id");
    document.shift_remove("meta");
    let extra = (!resource.extra.is_empty()).then(|| Value::Object(resource.extra.clone()).to_string());
    (Value::Object(document).to_string(), extra)
}

/// Whether two stored forms say the same, in whatever order their keys stand.
pub fn is_same_stored(before: (&str, Option<&str>), after: (&str, Option<&str>)) -> bool {
    before == after || {
        let parsed = |(document, extra): (&str, Option<&str>)| (parse_object(document), extra.map(parse_object));
        parsed(before) == parsed(after)
    }
}

/// # Panics
///
/// When the store holds something that rosterd did not write: going on could change it.
pub fn parse_object(text: &str) -> Map<String, Value> {
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => object,
        Ok(_) | Err(_) => panic!("a stored resource is not a JSON object"),
    }
}
