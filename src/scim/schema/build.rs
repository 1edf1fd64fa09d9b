//! Small builders for attributes: each starts from the defaults of RFC 7643 §2.2.

use super::{Attribute, Mutability, Returned, Type, Uniqueness};

pub(super) fn string(name: &str, description: &str) -> Attribute {
    plain(name, Type::String, description)
}

pub(super) fn boolean(name: &str, description: &str) -> Attribute {
    plain(name, Type::Boolean, description)
}

pub(super) fn integer(name: &str, description: &str) -> Attribute {
    plain(name, Type::Integer, description)
}

pub(super) fn date_time(name: &str, description: &str) -> Attribute {
    plain(name, Type::DateTime, description)
}

/// Binary values are case exact (RFC 7643 §2.3.6).
pub(super) fn binary(name: &str, description: &str) -> Attribute {
    plain(name, Type::Binary, description).case_exact()
}

/// References are case exact (RFC 7643 §2.3.7).
pub(super) fn reference(name: &str, description: &str, types: &[&str]) -> Attribute {
    let attribute = plain(name, Type::Reference, description).case_exact();
    Attribute { reference_types: owned(types), ..attribute }
}

pub(super) fn complex(name: &str, description: &str, sub_attributes: Vec<Attribute>) -> Attribute {
    Attribute { sub_attributes, ..plain(name, Type::Complex, description) }
}

pub(super) fn plain(name: &str, kind: Type, description: &str) -> Attribute {
    Attribute {
        name: name.to_owned(),
        kind,
        multi_valued: false,
        description: description.to_owned(),
        required: false,
        has_default: false,
        canonical_values: Vec::new(),
        case_exact: false,
        mutability: Mutability::ReadWrite,
        returned: Returned::Default,
        uniqueness: Uniqueness::None,
        reference_types: Vec::new(),
        sub_attributes: Vec::new(),
    }
}

impl Attribute {
    pub(super) fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// Never without a value: the server gives it one.
    pub(super) fn with_default(self) -> Self {
        Self { has_default: true, ..self }
    }

    pub(super) fn many(self) -> Self {
        Self { multi_valued: true, ..self }
    }

    pub(super) fn case_exact(self) -> Self {
        Self { case_exact: true, ..self }
    }

    /// No two resources of one directory share the value.
    pub(super) fn unique(self) -> Self {
        Self { uniqueness: Uniqueness::Server, ..self }
    }

    pub(super) fn immutable(self) -> Self {
        Self { mutability: Mutability::Immutable, ..self }
    }

    /// Written by clients, sent to nobody.
    pub(super) fn write_only(self) -> Self {
        Self { mutability: Mutability::WriteOnly, returned: Returned::Never, ..self }
    }

    /// Set by the server alone, with all its sub-attributes.
    pub(super) fn read_only(self) -> Self {
        let sub_attributes = self.sub_attributes.into_iter().map(Attribute::read_only).collect();
        Self { mutability: Mutability::ReadOnly, sub_attributes, ..self }
    }

    pub(super) fn always_returned(self) -> Self {
        Self { returned: Returned::Always, ..self }
    }

    pub(super) fn suggested(self, values: &[&str]) -> Self {
        Self { canonical_values: owned(values), ..self }
    }
}

fn owned(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}
