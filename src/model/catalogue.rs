//! The catalogue of attributes that a directory's resources really carry: how often, of which types,
//! what their values look like. Of values only the shape is kept, never what they say.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{Hash, Hasher};

use serde_json::{Map, Value, json};

use crate::base::limits;
use crate::scim::filter::attribute::is_name;
use crate::scim::resource::is_urn;
use crate::scim::schema::{TypeSchema, urn};

/// What has been seen of resources of one type.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    /// Resources looked at.
    pub examined: usize,
    /// More attributes than the catalogue has room for.
    pub is_cut: bool,
    seen: BTreeMap<Place, Seen>,
}

/// Where an attribute stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub urn: Option<String>,
    pub name: String,
    /// The `type` of the value among several, such as `work`.
    pub of_type: Option<String>,
    pub sub: Option<String>,
}

/// What has been seen at one place.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// Resources that have a value there.
    pub count: usize,
    last_resource: usize,
    pub types: BTreeSet<&'static str>,
    pub is_multi_valued: bool,
    is_singular: bool,
    distinct: HashSet<u64>,
    /// Shapes of values, such as `Z•• K•••••`.
    pub samples: Vec<String>,
}

/// Which schema describes an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DescribedBy {
    Core,
    Enterprise,
    Registered,
    Unregistered,
    UnknownCore,
}

impl DescribedBy {
    pub fn name(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Enterprise => "enterprise",
            Self::Registered => "registered",
            Self::Unregistered => "unregistered",
            Self::UnknownCore => "unknown_core",
        }
    }
}

impl Catalogue {
    /// Takes in one resource: the attributes of its schemas, and those that no schema knows.
    pub fn add(&mut self, attributes: &Map<String, Value>, extra: &Map<String, Value>) {
        self.examined += 1;
        for (key, value) in attributes.iter().chain(extra) {
            match value {
                Value::Object(extension) if is_urn(key) => {
                    for (name, value) in extension {
                        self.attribute(Some(key), name, value);
                    }
                }
                value => self.attribute(None, key, value),
            }
        }
    }

    /// Everything that was seen, by place.
    pub fn attributes(&self) -> impl Iterator<Item = (&Place, &Seen)> {
        self.seen.iter()
    }

    fn attribute(&mut self, urn: Option<&str>, name: &str, value: &Value) {
        let place = |of_type: Option<&str>, sub: Option<&str>| Place {
            urn: urn.map(str::to_owned),
            name: name.to_owned(),
            of_type: of_type.map(str::to_owned),
            sub: sub.map(str::to_owned),
        };
        let (values, is_many) = match value {
            Value::Array(values) => (values.as_slice(), true),
            value => (std::slice::from_ref(value), false),
        };
        for value in values {
            let Value::Object(object) = value else {
                self.note(place(None, None), value, is_many);
                continue;
            };
            let of_type = object.get("type").and_then(Value::as_str).filter(|_| is_many);
            for (sub, value) in object.iter().filter(|(sub, _)| of_type.is_none() || *sub != "type") {
                self.note(place(of_type, Some(sub)), value, is_many);
            }
        }
    }

    fn note(&mut self, place: Place, value: &Value, is_many: bool) {
        let Some(kind) = kind(value) else { return };
        if limits::CATALOGUE_ATTRIBUTES_MAX <= self.seen.len() && !self.seen.contains_key(&place) {
            self.is_cut = true;
            return;
        }
        let seen = self.seen.entry(place).or_default();
        if seen.last_resource != self.examined {
            seen.last_resource = self.examined;
            seen.count += 1;
        }
        seen.types.insert(kind);
        *(if is_many { &mut seen.is_multi_valued } else { &mut seen.is_singular }) = true;
        if seen.distinct.len() < limits::CATALOGUE_DISTINCT_MAX {
            let mut hasher = DefaultHasher::new();
            value.to_string().hash(&mut hasher);
            seen.distinct.insert(hasher.finish());
        }
        if seen.samples.len() < limits::CATALOGUE_SAMPLES_MAX {
            let shape = shape(value);
            if !seen.samples.contains(&shape) {
                seen.samples.push(shape);
            }
        }
    }

    /// A schema that describes what was seen under an extension's URN, in the form of RFC 7643 §7.
    /// What has no one type is left out: it is kept and returned all the same. None when nothing is left.
    pub fn infer_schema(&self, urn: &str) -> Option<Value> {
        let mut named: BTreeMap<&str, Vec<(&Place, &Seen)>> = BTreeMap::new();
        for (place, seen) in &self.seen {
            if place.urn.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(urn)) {
                named.entry(&place.name).or_default().push((place, seen));
            }
        }
        let attributes: Vec<Value> = named.iter().filter_map(|(name, seen)| infer(name, seen)).collect();
        (!attributes.is_empty()).then(|| {
            json!({"id": urn, "name": urn.rsplit(':').next(), "description": "Seen in the provider's requests",
                   "attributes": attributes})
        })
    }
}

impl Place {
    /// As a mapping writes it.
    pub fn path(&self) -> String {
        let mut path = self.urn.as_ref().map(|urn| format!("{urn}:")).unwrap_or_default();
        path.push_str(&self.name);
        if let Some(of_type) = &self.of_type {
            path.push_str(&format!("[type eq {}]", Value::from(of_type.as_str())));
        }
        if let Some(sub) = &self.sub {
            path.push('.');
            path.push_str(sub);
        }
        path
    }

    /// Which of the directory's schemas describes it.
    pub fn described_by(&self, schema: &TypeSchema) -> DescribedBy {
        match &self.urn {
            None if schema.core_attribute(&self.name).is_some() => DescribedBy::Core,
            None => DescribedBy::UnknownCore,
            Some(own) if own.eq_ignore_ascii_case(urn::ENTERPRISE_USER) => DescribedBy::Enterprise,
            Some(own) if schema.extension(own).is_some() => DescribedBy::Registered,
            Some(_) => DescribedBy::Unregistered,
        }
    }
}

impl Seen {
    /// How many different values there are, up to a bound.
    pub fn distinct(&self) -> usize {
        self.distinct.len()
    }
}

/// The attribute that has been seen so, unless it has no one type.
fn infer(name: &str, seen: &[(&Place, &Seen)]) -> Option<Value> {
    let is_many = seen.iter().any(|(_, seen)| seen.is_multi_valued);
    let has_subs = seen.iter().any(|(place, _)| place.sub.is_some());
    let is_mixed = (is_many && seen.iter().any(|(_, seen)| seen.is_singular))
        || (has_subs && seen.iter().any(|(place, _)| place.sub.is_none()));
    if is_mixed || !is_name(name) {
        return None;
    }
    if !has_subs {
        let kind = one_type(seen.iter().flat_map(|(_, seen)| seen.types.iter().copied()))?;
        return Some(json!({"name": name, "type": kind, "multiValued": is_many}));
    }
    let mut subs: BTreeMap<&str, BTreeSet<&'static str>> = BTreeMap::new();
    for (place, seen) in seen {
        subs.entry(place.sub.as_deref().unwrap_or_default()).or_default().extend(&seen.types);
        if place.of_type.is_some() {
            subs.entry("type").or_default().insert("string");
        }
    }
    let subs: Vec<Value> = subs
        .iter()
        .filter(|(sub, _)| is_name(sub))
        .filter_map(|(sub, types)| {
            Some(json!({"name": sub, "type": one_type(types.iter().copied())?, "multiValued": false}))
        })
        .collect();
    (!subs.is_empty())
        .then(|| json!({"name": name, "type": "complex", "multiValued": is_many, "subAttributes": subs}))
}

fn one_type(types: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    let types: BTreeSet<&'static str> = types.collect();
    match types.iter().copied().collect::<Vec<_>>().as_slice() {
        ["object" | "list"] => None,
        [one] => Some(one),
        ["decimal", "integer"] => Some("decimal"),
        _ => None,
    }
}

/// A word of RFC 7643 where it has one; none for what is no value.
fn kind(value: &Value) -> Option<&'static str> {
    match value {
        Value::Null => None,
        Value::String(text) => (!text.trim().is_empty()).then_some("string"),
        Value::Bool(_) => Some("boolean"),
        Value::Number(number) if number.is_f64() => Some("decimal"),
        Value::Number(_) => Some("integer"),
        Value::Array(values) => (!values.is_empty()).then_some("list"),
        Value::Object(object) => (!object.is_empty()).then_some("object"),
    }
}

/// What a value looks like: the first letter stays, other letters become •, digits 0; of an address
/// the end of the domain stays too.
fn shape(value: &Value) -> String {
    match value {
        Value::String(text) => match text.rsplit_once('@') {
            Some((local, domain)) => {
                let (host, end) = domain.rsplit_once('.').unwrap_or((domain, ""));
                let end = if end.is_empty() { String::new() } else { format!(".{}", shortened(end)) };
                format!("{}@{}{end}", masked(local), masked(host))
            }
            None => masked(text),
        },
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => masked(&number.to_string()),
        Value::Array(_) => "[…]".to_owned(),
        Value::Object(_) => "{…}".to_owned(),
        Value::Null => String::new(),
    }
}

const SHAPE_CHARS_MAX: usize = 40;

fn masked(text: &str) -> String {
    let mask = |(at, letter): (usize, char)| match letter {
        _ if letter.is_ascii_digit() => '0',
        _ if letter.is_alphanumeric() && at == 0 => letter,
        _ if letter.is_alphanumeric() => '•',
        _ if letter.is_control() => ' ',
        _ => letter,
    };
    shortened(&text.chars().enumerate().map(mask).collect::<String>())
}

fn shortened(text: &str) -> String {
    text.chars().take(SHAPE_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::schema::standard;

    const EXT: &str = "urn:x:y:2.0:User";

    fn catalogue(users: Value) -> Catalogue {
        let mut catalogue = Catalogue::default();
        for user in users.as_array().expect("users") {
            catalogue.add(user.as_object().expect("a user"), &Map::new());
        }
        catalogue
    }

    #[test]
    fn places_are_paths_with_counts_types_and_shapes() {
        let catalogue = catalogue(json!([
            {"userName": "zoe@mail.example.com", "name": {"familyName": "Kim-Lee"}, "shoe": 44, "active": true,
             "emails": [{"value": "zoe@x.org", "type": "work"}, {"value": "z@home", "type": "work"}], EXT: {"badge": "A-12"}},
            {"userName": "al", "shoe": 4.5, "title": "", "tags": ["a", "b"]},
        ]));
        let found: BTreeMap<String, (usize, Vec<&str>, Vec<String>)> = catalogue
            .attributes()
            .map(|(place, seen)| {
                (place.path(), (seen.count, seen.types.iter().copied().collect(), seen.samples.clone()))
            })
            .collect();
        let one =
            |path: &str| found.get(path).unwrap_or_else(|| panic!("{path}: {:?}", found.keys())).clone();
        assert_eq!(
            one("userName"),
            (2, vec!["string"], vec!["z••@m•••.•••••••.com".to_owned(), "a•".to_owned()])
        );
        assert_eq!(one("name.familyName"), (1, vec!["string"], vec!["K••-•••".to_owned()]));
        assert_eq!(one("shoe"), (2, vec!["decimal", "integer"], vec!["00".to_owned(), "0.0".to_owned()]));
        assert_eq!(one("emails[type eq \"work\"].value").0, 1);
        assert_eq!(one(&format!("{EXT}:badge")), (1, vec!["string"], vec!["A-00".to_owned()]));
        assert_eq!(one("tags").0, 1);
        assert!(!found.contains_key("title"));
        let described = |path: &str| {
            let place = catalogue.attributes().find(|(place, _)| place.path() == path).expect(path).0;
            place.described_by(&standard().user)
        };
        assert_eq!(described("userName"), DescribedBy::Core);
        assert_eq!(described("shoe"), DescribedBy::UnknownCore);
        assert_eq!(described(&format!("{EXT}:badge")), DescribedBy::Unregistered);
    }

    #[test]
    fn a_schema_is_inferred_of_what_has_one_type() {
        let catalogue = catalogue(json!([
            {EXT: {"badge": "A", "level": 1, "odd": "x", "places": [{"value": "a", "type": "desk"}], "on": true, "mix": [1]}},
            {EXT: {"badge": "B", "level": 1.5, "odd": 7, "mix": 2, "bad name": "x"}},
        ]));
        assert_eq!(
            catalogue.infer_schema(EXT).expect("a schema")["attributes"],
            json!([
                {"name": "badge", "type": "string", "multiValued": false},
                {"name": "level", "type": "decimal", "multiValued": false},
                {"name": "on", "type": "boolean", "multiValued": false},
                {"name": "places", "type": "complex", "multiValued": true, "subAttributes": [
                    {"name": "type", "type": "string", "multiValued": false},
                    {"name": "value", "type": "string", "multiValued": false},
                ]},
            ])
        );
        assert_eq!(catalogue.infer_schema("urn:other:x:y"), None);
    }

    #[test]
    fn as_much_is_kept_as_the_limits_say() {
        let mut catalogue = Catalogue::default();
        let attributes = |from: usize, to: usize| (from..to).map(|n| (format!("a{n}"), json!("x"))).collect();
        catalogue.add(&attributes(0, limits::CATALOGUE_ATTRIBUTES_MAX), &Map::new());
        assert!(!catalogue.is_cut);
        catalogue.add(
            &Map::new(),
            &attributes(limits::CATALOGUE_ATTRIBUTES_MAX, limits::CATALOGUE_ATTRIBUTES_MAX + 1),
        );
        assert!(catalogue.is_cut);
        assert_eq!(catalogue.attributes().count(), limits::CATALOGUE_ATTRIBUTES_MAX);
        for number in 0..=limits::CATALOGUE_DISTINCT_MAX {
            let user = json!({"a0": format!("{}-{number}", "y".repeat(number % 30))});
            catalogue.add(user.as_object().expect("a user"), &Map::new());
        }
        let (_, seen) = catalogue.attributes().next().expect("one");
        assert_eq!(seen.distinct(), limits::CATALOGUE_DISTINCT_MAX);
        assert_eq!(seen.samples.len(), limits::CATALOGUE_SAMPLES_MAX);
    }
}
