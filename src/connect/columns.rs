//! Makes users of records: which column or key of a report becomes which SCIM attribute.

use serde_json::{Map, Value, json};

use crate::base::text::fold;
use crate::scim::Strictness;
use crate::scim::patch::{self, Operation, Patch, Write};
use crate::scim::path::{self, Path};
use crate::scim::resource::Resource;
use crate::scim::schema::TypeSchema;

use super::listing::{ListedUser, Listing};
use super::settings::Reader;
use super::trouble::Trouble;

/// Which column is what.
#[derive(Debug, Clone, PartialEq)]
pub struct Columns {
    external_id: String,
    attributes: Vec<Column>,
    activity: Option<Activity>,
}

#[derive(Debug, Clone, PartialEq)]
struct Column {
    target: String,
    path: Path,
    source: String,
}

/// Which column says whether someone works there still.
#[derive(Debug, Clone, PartialEq)]
struct Activity {
    column: String,
    values: Vec<String>,
    /// Whether the values mean that someone is active, or that he is gone.
    means: bool,
}

/// Which columns must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needed {
    /// All: a table has each of its columns in every row.
    All,
    /// Those without which there is no user: JSON leaves out what is empty.
    Keys,
}

/// A record: a row of a table, or an object of JSON.
pub type Record = Map<String, Value>;

impl Columns {
    /// Reads the settings `columns`, and `active` or `terminated`.
    pub fn read(reader: &mut Reader<'_>, schema: &TypeSchema) -> Self {
        let pairs = reader.pairs("columns");
        let mut columns = Self { external_id: String::new(), attributes: Vec::new(), activity: None };
        for (target, source) in pairs {
            match target.as_str() {
                "externalId" => columns.external_id = source,
                "active" => {
                    let message = "say which column tells it with the setting active, or terminated";
                    reader.fault("columns.active", "invalid", message);
                }
                _ => match path::parse(&target, schema, Strictness::Lenient, &mut Vec::new()) {
                    Ok(path) => columns.attributes.push(Column { target, path, source }),
                    Err(error) => reader.fault(&format!("columns.{target}"), "invalid", error.detail),
                },
            }
        }
        if columns.external_id.is_empty() {
            let message =
                "name the column with an id that stays the same when a person's name or address changes";
            reader.fault("columns.externalId", "required", message);
        }
        if !columns.attributes.iter().any(|column| column.target == "userName") {
            reader.fault(
                "columns.userName",
                "required",
                "name the column with the login name or e-mail address",
            );
        }
        let active = reader.section("active", |section| activity(section, true));
        let terminated = reader.section("terminated", |section| activity(section, false));
        if active.is_some() && terminated.is_some() {
            reader.fault("terminated", "conflict", "active and terminated say the same: keep one of them");
        }
        columns.activity = active.or(terminated);
        columns
    }

    /// Whether a column of that name is read.
    pub fn reads(&self, name: &str) -> bool {
        self.sources().any(|(_, source)| source == name || source.starts_with(&format!("{name}.")))
    }

    fn sources(&self) -> impl Iterator<Item = (&str, &str)> {
        let id = std::iter::once(("externalId", self.external_id.as_str()));
        let attributes =
            self.attributes.iter().map(|column| (column.target.as_str(), column.source.as_str()));
        id.chain(attributes).chain(self.activity.iter().map(|activity| ("active", activity.column.as_str())))
    }

    /// Refuses settings that name a column which is not there.
    ///
    /// # Errors
    ///
    /// The first that is missing, and what there is instead.
    pub fn check(&self, there: &[String], needed: Needed) -> Result<(), Trouble> {
        let is_needed = |target: &str| needed == Needed::All || matches!(target, "externalId" | "userName");
        let is_there =
            |source: &str| there.iter().any(|name| name == source || source.starts_with(&format!("{name}.")));
        match self.sources().find(|(target, source)| is_needed(target) && !is_there(source)) {
            Some((target, source)) => Err(Trouble::settings(
                "columns",
                format!(
                    "there is no column {source:?} (wanted for {target}); there are: {}",
                    there.join(", ")
                ),
                "write the names as the report has them, letter by letter",
            )),
            None => Ok(()),
        }
    }

    /// Whether the column that tells who is active occurs at all. Where it doesn't, nothing is said
    /// of anybody: a column that was renamed must not bring those back who left.
    pub fn knows_activity(&self, there: &[String]) -> bool {
        let is_there =
            |source: &str| there.iter().any(|name| name == source || source.starts_with(&format!("{name}.")));
        self.activity.as_ref().is_some_and(|activity| is_there(&activity.column))
    }

    /// Adds all records to the listing as users; `there` are the names that occur in any of them.
    ///
    /// # Errors
    ///
    /// Too many users.
    pub fn add_all(
        &self,
        records: &[Record],
        there: &[String],
        schema: &TypeSchema,
        listing: &mut Listing,
    ) -> Result<(), Trouble> {
        let knows_activity = self.knows_activity(there);
        for (at, record) in records.iter().enumerate() {
            self.add(record, at + 1, knows_activity, schema, listing)?;
        }
        Ok(())
    }

    /// Adds a record to the listing as a user.
    ///
    /// # Errors
    ///
    /// Too many users.
    fn add(
        &self,
        record: &Record,
        number: usize,
        knows_activity: bool,
        schema: &TypeSchema,
        listing: &mut Listing,
    ) -> Result<(), Trouble> {
        let Some(external_id) = find(record, &self.external_id).and_then(text_of) else {
            listing.refuse(format!("record {number}: its id ({}) is empty", self.external_id));
            listing.gap(Trouble::content(
                format!("record {number} has no id, so somebody may be missing"),
                "each record needs a value in the column that externalId names",
            ));
            return Ok(());
        };
        let active =
            self.activity.as_ref().filter(|_| knows_activity).and_then(|activity| activity.says(record));
        let body = match self.body(&external_id, active, record, schema) {
            Ok(body) => body,
            // Someone who is gone is gone, whatever else is wrong in the record.
            Err(_) if active == Some(false) => String::new(),
            Err(detail) => {
                listing.refuse(format!("{external_id}: {detail}"));
                String::new()
            }
        };
        listing.add_user(ListedUser { external_id, active, body: body.into() })
    }

    fn body(
        &self,
        external_id: &str,
        active: Option<bool>,
        record: &Record,
        schema: &TypeSchema,
    ) -> Result<String, String> {
        let mut operations = Vec::new();
        for column in &self.attributes {
            let Some(value) = find(record, &column.source) else { continue };
            if let Some(value) = value_for(&column.target, value) {
                operations.push(Operation::Write {
                    mode: Write::Add,
                    path: Some(column.path.clone()),
                    value,
                });
            }
        }
        let patch = Patch { operations, rules: Vec::new() };
        let mut resource = Resource::default();
        resource.attributes.insert("externalId".into(), external_id.into());
        if let Some(active) = active {
            resource.attributes.insert("active".into(), active.into());
        }
        let applied =
            patch::apply(schema, "", &resource, &patch, Strictness::Lenient).map_err(|error| error.detail)?;
        let mut body = applied.resource.attributes;
        body.extend(applied.resource.extra);
        Ok(Value::Object(body).to_string())
    }
}

fn activity(section: &mut Reader<'_>, means: bool) -> Activity {
    let column = section.required_text("column", "the column that tells it");
    let values = section.texts("values").iter().map(|value| fold(value.trim())).collect();
    Activity { column, values, means }
}

impl Activity {
    /// What the record says; nothing where `active` is asked for and the field is empty.
    fn says(&self, record: &Record) -> Option<bool> {
        let value = find(record, &self.column).and_then(text_of).map(|text| fold(text.trim()));
        match (&value, self.means) {
            (None, true) => None,
            // Who has no date or mark of termination works there.
            (None, false) => Some(true),
            (Some(value), means) => {
                let matches = match self.values.is_empty() {
                    false => self.values.contains(value),
                    // Without values: any truth for active, anything but a plain no for terminated.
                    true if means => is_yes(value),
                    true => !matches!(value.as_str(), "0" | "false" | "no" | "n"),
                };
                Some(matches == means)
            }
        }
    }
}

fn is_yes(value: &str) -> bool {
    matches!(value, "1" | "true" | "yes" | "y" | "active" | "enabled")
}

/// The value of a column: by its whole name, else along its dots; the first of a list.
fn find<'r>(record: &'r Record, source: &str) -> Option<&'r Value> {
    if let Some(value) = record.get(source) {
        return Some(value);
    }
    let (first, rest) = source.split_once('.')?;
    let mut value = record.get(first)?;
    for name in rest.split('.') {
        if let Value::Array(values) = value {
            value = values.first()?;
        }
        value = value.get(name)?;
    }
    Some(value)
}

/// The text of a scalar that isn't empty.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Array(values) => values.first().and_then(text_of),
        Value::Null | Value::Object(_) => None,
    }
}

/// The value that a target takes: an address alone stands for the usual object.
fn value_for(target: &str, value: &Value) -> Option<Value> {
    let text = text_of(value)?;
    Some(match target {
        "emails" => json!([{ "value": text, "type": "work", "primary": true }]),
        "phoneNumbers" => json!([{ "value": text, "type": "work" }]),
        _ => Value::String(text),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::schema::standard;

    fn columns(settings: Value) -> Result<Columns, Vec<String>> {
        let mut faults = Vec::new();
        let mut reader =
            Reader::new(settings.as_object().expect("an object").clone(), "connector", &mut faults);
        let columns = Columns::read(&mut reader, &standard().user);
        reader.finish();
        match faults.is_empty() {
            true => Ok(columns),
            false => Err(faults.into_iter().map(|fault| fault.field).collect()),
        }
    }

    fn listed(settings: Value, record: Value) -> ListedUser {
        let mut listing = Listing::default();
        let columns = columns(settings).expect("columns");
        columns
            .add(record.as_object().expect("a record"), 1, true, &standard().user, &mut listing)
            .expect("added");
        assert_eq!(listing.refused, Vec::<String>::new());
        listing.users.remove(0)
    }

    #[test]
    fn columns_become_attributes_wherever_they_point() {
        let user = listed(
            json!({"columns": {
                "externalId": "ID", "userName": "Login", "name.givenName": "First", "emails": "Mail",
                "phoneNumbers[type eq \"mobile\"].value": "Mobile", "costCenter": "CC",
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department": "Dept.Name",
            }, "active": {"column": "State", "values": ["Active"]}}),
            json!({"ID": 7, "Login": "jane", "First": "Jane", "Mail": "jane@x.org", "Mobile": "+1", "CC": "9",
                   "Dept": [{"Name": "R&D"}], "State": "active"}),
        );
        assert_eq!((user.external_id.as_str(), user.active), ("7", Some(true)));
        let body: Value = serde_json::from_str(&user.body).expect("JSON");
        assert_eq!(
            body,
            json!({
                "externalId": "7", "active": true, "userName": "jane", "name": {"givenName": "Jane"},
                "emails": [{"value": "jane@x.org", "type": "work", "primary": true}],
                "phoneNumbers": [{"type": "mobile", "value": "+1"}],
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"costCenter": "9", "department": "R&D"},
            })
        );
    }

    #[test]
    fn a_date_of_termination_or_a_word_ends_a_user() {
        let says = |settings: Value, value: Value| {
            let mut whole = json!({"columns": {"externalId": "id", "userName": "id"}});
            whole
                .as_object_mut()
                .expect("an object")
                .extend(settings.as_object().expect("an object").clone());
            listed(whole, json!({"id": "1", "s": value})).active
        };
        assert_eq!(says(json!({"terminated": {"column": "s"}}), json!("2026-01-01")), Some(false));
        assert_eq!(says(json!({"terminated": {"column": "s"}}), json!("")), Some(true));
        assert_eq!(
            says(json!({"terminated": {"column": "s", "values": ["Terminated"]}}), json!("terminated")),
            Some(false)
        );
        assert_eq!(
            says(json!({"terminated": {"column": "s", "values": ["Terminated"]}}), json!("On leave")),
            Some(true)
        );
        assert_eq!(says(json!({"active": {"column": "s"}}), json!(1)), Some(true));
        assert_eq!(says(json!({"active": {"column": "s"}}), json!("0")), Some(false));
        assert_eq!(says(json!({"active": {"column": "s"}}), json!("")), None);
    }

    #[test]
    fn wrong_settings_are_all_named() {
        let faults = columns(json!({"columns": {"emails[": "a", "active": "b"}})).expect_err("faults");
        for field in [
            "connector.columns.emails[",
            "connector.columns.active",
            "connector.columns.externalId",
            "connector.columns.userName",
        ] {
            assert!(faults.iter().any(|fault| fault == field), "{field}: {faults:?}");
        }
    }

    #[test]
    fn a_column_that_is_not_there_is_named_with_those_that_are() {
        let columns = columns(json!({"columns": {"externalId": "id", "userName": "mail"}})).expect("columns");
        let trouble =
            columns.check(&["id".to_owned(), "e-mail".to_owned()], Needed::All).expect_err("missing");
        assert!(trouble.message.contains("\"mail\"") && trouble.message.contains("e-mail"), "{trouble}");
    }
}
