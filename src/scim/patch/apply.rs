//! Applies operations to a resource, in order, all or nothing.

use serde_json::{Map, Value};

use super::parse::numbered;
use super::values::{ChangeValues, Selection, remove_listed};
use super::write::{is_unassignment, remove_sub, unassign, write};
use super::{Applied, MemberChange, Operation, Patch, Write, members, open};
use crate::scim::dialect::{Rule, note};
use crate::scim::field::{describe, refuse_twins};
use crate::scim::filter::AttributePath;
use crate::scim::path::{self, Path};
use crate::scim::resource::{Resource, check, is_urn, normalize_value};
use crate::scim::schema::{Attribute, Mutability, ResourceType, Returned, TypeSchema};
use crate::scim::{Error, Strictness};

/// Applies a patch to the resource that has this id. The input stays as it is; an error means that
/// nothing is to be changed (RFC 7644 §3.5.2).
///
/// # Errors
///
/// `mutability`, `noTarget`, `invalidValue` or `invalidPath`, with the number of the operation.
pub fn apply(
    schema: &TypeSchema,
    id: &str,
    resource: &Resource,
    patch: &Patch,
    strictness: Strictness,
) -> Result<Applied, Error> {
    let mut work = Work {
        schema,
        id,
        strictness,
        resource: resource.clone(),
        member_changes: Vec::new(),
        rules: patch.rules.clone(),
    };
    for (index, operation) in patch.operations.iter().enumerate() {
        work.operation(operation).map_err(|error| numbered(error, index, patch.operations.len()))?;
    }
    members::check_count(&work.member_changes)?;
    check(schema, &mut work.resource)?;
    let Work { resource, member_changes, rules, .. } = work;
    Ok(Applied { resource, member_changes, rules })
}

/// The resource while operations are applied to it.
struct Work<'a> {
    schema: &'a TypeSchema,
    id: &'a str,
    strictness: Strictness,
    resource: Resource,
    member_changes: Vec<MemberChange>,
    rules: Vec<Rule>,
}

/// What a schema says about a path.
#[derive(Clone, Copy)]
struct Definition<'a> {
    attribute: &'a Attribute,
    sub: Option<&'a Attribute>,
}

/// Attributes that are no plain part of the stored resource.
enum Special {
    /// Derived from what the resource holds.
    Schemas,
    /// Rows of their own.
    Members,
    /// Taken and thrown away.
    Secret,
    /// Never unassigned: no absence turns an account off or on.
    Active,
}

impl<'a> Work<'a> {
    fn operation(&mut self, operation: &Operation) -> Result<(), Error> {
        match operation {
            Operation::Write { mode, path: None, value: Value::Object(attributes) } => {
                self.write_attributes(*mode, attributes)
            }
            Operation::Write { path: None, value, .. } => Err(Error::invalid_value(format!(
                "without a path the value must be an object of attributes, not {}",
                describe(value)
            ))),
            Operation::Write { mode, path: Some(path), value } => self.write(*mode, path, value),
            Operation::Remove { path, value } => self.remove(path, value.as_ref()),
        }
    }

    /// The value of an operation without a path: each key is written as if it were the path.
    fn write_attributes(&mut self, mode: Write, attributes: &Map<String, Value>) -> Result<(), Error> {
        refuse_twins(attributes, "value")?;
        for (key, value) in attributes {
            match self.schema.core_attribute(key) {
                Some(attribute) if attribute.mutability == Mutability::ReadOnly => {
                    self.check_repeated(attribute, value)?;
                }
                _ => {
                    let path = self.key_path(key, value)?;
                    self.write(mode, &path, value)?;
                }
            }
        }
        Ok(())
    }

    /// Clients send back what they read; that changes nothing. Another id is a mistake to report.
    fn check_repeated(&self, attribute: &Attribute, value: &Value) -> Result<(), Error> {
        let is_other_id = attribute.name == "id" && !value.is_null() && value.as_str() != Some(self.id);
        match is_other_id {
            true => Err(read_only("id")),
            false => Ok(()),
        }
    }

    fn key_path(&mut self, key: &str, value: &Value) -> Result<Path, Error> {
        if is_urn(key) && self.schema.extension(key).is_none() && value.is_object() {
            // As in a whole resource, an object under a URN is an extension.
            if let Ok(Path::Open(_) | Path::Extension { .. }) =
                path::parse(key, self.schema, Strictness::Strict, &mut Vec::new())
            {
                return Ok(self.open_or_extension(key));
            }
        }
        if self.strictness == Strictness::Strict && !is_urn(key) && key.contains(['.', '[']) {
            return Err(Error::invalid_path(format!("{key:?} in a value is not the name of an attribute")));
        }
        path::parse(key, self.schema, self.strictness, &mut self.rules)
    }

    /// An attribute that a registered extension's schema lacks, or else a whole extension.
    fn open_or_extension(&self, key: &str) -> Path {
        match path::parse(key, self.schema, Strictness::Strict, &mut Vec::new()) {
            Ok(Path::Open(path)) if open::has_extension(self.schema, &self.resource, &path) => {
                Path::Open(path)
            }
            _ => Path::Extension { urn: key.to_owned() },
        }
    }

    fn write(&mut self, mode: Write, path: &Path, value: &Value) -> Result<(), Error> {
        match path {
            Path::Attribute(path) => {
                let definition = self.definition(path)?;
                self.write_known(mode, path, definition, value)
            }
            Path::Values { attribute, filter, sub } => {
                let change = ChangeValues::Write { mode, value, strictness: self.strictness };
                self.change_values(attribute, Selection::Matching(filter), sub.as_deref(), change)
            }
            Path::Extension { urn } => self.write_extension(mode, urn, value),
            Path::Open(path) if open::is_extension(self.schema, &self.resource, path, Some(value)) => {
                self.write_extension(mode, &path.to_string(), value)
            }
            Path::Open(path) => {
                let object =
                    open::extension_mut(&mut self.resource, path.schema.as_deref().unwrap_or_default());
                open::write(object, mode, &path.name, path.sub.as_deref(), value)?;
                self.drop_empty_extensions();
                Ok(())
            }
            Path::UnknownCore { name, sub } => {
                note(&mut self.rules, Rule::PatchUnknownAttributeKept);
                open::write(&mut self.resource.extra, mode, name, sub.as_deref(), value)
            }
        }
    }

    fn write_known(
        &mut self,
        mode: Write,
        path: &AttributePath,
        definition: Definition<'a>,
        value: &Value,
    ) -> Result<(), Error> {
        let Definition { attribute, sub } = definition;
        match self.special(path, attribute) {
            Some(Special::Schemas) => return Ok(()),
            Some(Special::Active) if is_unassignment(value) => return Ok(()),
            Some(Special::Members) => {
                self.member_changes.extend(members::write(mode, sub, value)?);
                return Ok(());
            }
            Some(Special::Secret) => return normalize_value(attribute, value.clone()).map(|_| ()),
            Some(Special::Active) | None => {}
        }
        refuse_read_only(path, definition)?;
        match sub {
            Some(sub) if attribute.multi_valued => {
                let change = ChangeValues::Write { mode, value, strictness: self.strictness };
                self.change_values(path, Selection::All, Some(&sub.name), change)
            }
            _ => {
                let object = self.object_mut(path);
                write(object, definition.attribute, sub, mode, value)?;
                self.drop_empty_extensions();
                Ok(())
            }
        }
    }

    /// Writes each attribute of a whole extension; those that aren't named stay.
    fn write_extension(&mut self, mode: Write, urn: &str, value: &Value) -> Result<(), Error> {
        let attributes = match value {
            Value::Null => return self.remove_extension(urn),
            Value::Object(attributes) => attributes,
            other => {
                return Err(Error::invalid_value(format!(
                    "{urn} must be an object, not {}",
                    describe(other)
                )));
            }
        };
        refuse_twins(attributes, urn)?;
        for (name, value) in attributes {
            let known = self.schema.extension(urn).and_then(|extension| extension.attribute(name));
            match known {
                Some(attribute) if attribute.mutability == Mutability::ReadOnly => {}
                Some(attribute) => {
                    let path = AttributePath {
                        schema: self.schema.extension(urn).map(|extension| extension.id.clone()),
                        name: attribute.name.clone(),
                        sub: None,
                        multi_valued: attribute.multi_valued,
                    };
                    self.write_known(mode, &path, Definition { attribute, sub: None }, value)?;
                }
                None => open::write(open::extension_mut(&mut self.resource, urn), mode, name, None, value)?,
            }
        }
        self.drop_empty_extensions();
        Ok(())
    }

    fn remove(&mut self, path: &Path, value: Option<&Value>) -> Result<(), Error> {
        match path {
            Path::Attribute(path) => {
                let definition = self.definition(path)?;
                self.remove_known(path, definition, value)
            }
            Path::Values { attribute, filter, sub } => self.change_values(
                attribute,
                Selection::Matching(filter),
                sub.as_deref(),
                ChangeValues::Remove,
            ),
            Path::Extension { urn } => self.remove_extension(urn),
            Path::Open(path) if open::is_extension(self.schema, &self.resource, path, None) => {
                self.remove_extension(&path.to_string())
            }
            Path::Open(path) => {
                if let Some(object) =
                    open::existing_mut(&mut self.resource, path.schema.as_deref().unwrap_or_default())
                {
                    open::remove(object, &path.name, path.sub.as_deref(), value)?;
                }
                self.drop_empty_extensions();
                Ok(())
            }
            Path::UnknownCore { name, sub } => {
                note(&mut self.rules, Rule::PatchUnknownAttributeKept);
                open::remove(&mut self.resource.extra, name, sub.as_deref(), value)
            }
        }
    }

    fn remove_known(
        &mut self,
        path: &AttributePath,
        definition: Definition<'a>,
        value: Option<&Value>,
    ) -> Result<(), Error> {
        let Definition { attribute, sub } = definition;
        match self.special(path, attribute) {
            Some(Special::Schemas) => return Err(required("schemas")),
            Some(Special::Active | Special::Secret) => return Ok(()),
            Some(Special::Members) => {
                if value.is_some() {
                    note(&mut self.rules, Rule::PatchRemoveMembersByValue);
                }
                self.member_changes.extend(members::remove(sub, value)?);
                return Ok(());
            }
            None => {}
        }
        refuse_read_only(path, definition)?;
        if attribute.multi_valued {
            if let Some(sub) = sub {
                return self.change_values(path, Selection::All, Some(&sub.name), ChangeValues::Remove);
            }
            if let Some(value) = value {
                note(&mut self.rules, Rule::PatchRemoveValuesByValue);
                let object = self.object_mut(path);
                remove_listed(object, attribute, value)?;
                self.drop_empty_extensions();
                return Ok(());
            }
        }
        let object = self.object_mut(path);
        match sub {
            Some(sub) => remove_sub(object, attribute, sub)?,
            None => unassign(object, attribute)?,
        }
        self.drop_empty_extensions();
        Ok(())
    }

    fn remove_extension(&mut self, urn: &str) -> Result<(), Error> {
        self.resource.attributes.retain(|key, _| !is_urn(key) || !key.eq_ignore_ascii_case(urn));
        Ok(())
    }

    /// Changes some of the values of a multi-valued attribute.
    fn change_values(
        &mut self,
        path: &AttributePath,
        selection: Selection<'_>,
        sub: Option<&str>,
        change: ChangeValues<'_>,
    ) -> Result<(), Error> {
        let path = &AttributePath { sub: sub.map(str::to_owned), ..path.clone() };
        let Ok(definition) = self.definition(path) else {
            let urn = path.schema.as_deref().unwrap_or_default();
            let object = open::extension_mut(&mut self.resource, urn);
            let result = open::change_values(object, path, selection, change);
            self.drop_empty_extensions();
            return result;
        };
        if let Some(Special::Members) = self.special(path, definition.attribute) {
            self.member_changes.push(match (selection, change) {
                (Selection::Matching(filter), ChangeValues::Remove) if sub.is_none() => {
                    members::remove_matching(filter)
                }
                _ => return Err(members::immutable()),
            });
            return Ok(());
        }
        refuse_read_only(path, definition)?;
        let object = self.object_mut(path);
        let is_created =
            super::values::change(object, definition.attribute, definition.sub, selection, change)?;
        if is_created && self.strictness == Strictness::Lenient {
            note(&mut self.rules, Rule::PatchCreateOnAbsent);
        }
        self.drop_empty_extensions();
        Ok(())
    }

    fn definition(&self, path: &AttributePath) -> Result<Definition<'a>, Error> {
        let Some((attribute, sub)) = path.definition(self.schema) else {
            return Err(Error::invalid_path(format!("{} has no attribute {path}", self.schema.core.name)));
        };
        Ok(Definition { attribute, sub })
    }

    fn special(&self, path: &AttributePath, attribute: &Attribute) -> Option<Special> {
        let is_core = path.schema.is_none();
        let is_secret =
            attribute.mutability == Mutability::WriteOnly && attribute.returned == Returned::Never;
        match attribute.name.as_str() {
            "schemas" if is_core => Some(Special::Schemas),
            "members" if is_core && self.schema.resource_type == ResourceType::Group => {
                Some(Special::Members)
            }
            "active" if is_core => Some(Special::Active),
            _ if is_secret => Some(Special::Secret),
            _ => None,
        }
    }

    /// The object in which the path's attribute stands.
    fn object_mut(&mut self, path: &AttributePath) -> &mut Map<String, Value> {
        match &path.schema {
            None => &mut self.resource.attributes,
            Some(urn) => open::extension_mut(&mut self.resource, urn),
        }
    }

    fn drop_empty_extensions(&mut self) {
        let is_empty = |value: &Value| value.as_object().is_some_and(Map::is_empty);
        self.resource.attributes.retain(|key, value| !is_urn(key) || !is_empty(value));
    }
}

fn refuse_read_only(path: &AttributePath, definition: Definition<'_>) -> Result<(), Error> {
    let parts = [Some(definition.attribute), definition.sub];
    match parts.iter().flatten().any(|attribute| attribute.mutability == Mutability::ReadOnly) {
        true => Err(read_only(&path.to_string())),
        false => Ok(()),
    }
}

fn read_only(name: &str) -> Error {
    Error::mutability(format!("{name} is read-only; leave it out"))
}

/// The error for taking away what must be there.
pub(super) fn required(name: &str) -> Error {
    Error::mutability(format!("{name} is required and can't be removed"))
}
