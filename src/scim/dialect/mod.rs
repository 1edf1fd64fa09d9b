//! Rewrites providers' deviations into standard SCIM before the rest of the program sees them. Each
//! deviation is one named [`Rule`]; a strict directory never calls these functions.
//!
//! What can only be told while a filter or path is read, or while an operation is applied, is noted
//! there instead: `filter.*`, `attribute.*`, `patch.create_on_absent` and the like.

mod keys;
mod patch;
mod resource;
mod rule;
#[cfg(test)]
mod tests;
mod value;

pub use patch::rewrite_patch;
pub use resource::rewrite_resource;
pub use rule::{Rule, note};

/// The names under which deviations of values are counted: a PATCH has its own.
struct Names {
    boolean_string: Rule,
    dotted_key: Rule,
    empty_string: Rule,
    json_string: Rule,
    manager_string: Rule,
    string_value: Rule,
    urn_missing: Rule,
    value_as_array: Rule,
    /// Whether empty text clears any text attribute, or only those in which text can't stand.
    clears_text: Clears,
    /// A single value for a multi-valued attribute; a PATCH may send that.
    single_value: Option<Rule>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Clears {
    AnyText,
    OnlyMisplacedText,
}

const PATCH: Names = Names {
    boolean_string: Rule::PatchBooleanString,
    dotted_key: Rule::PatchDottedKey,
    empty_string: Rule::PatchEmptyStringClears,
    json_string: Rule::PatchJsonStringValue,
    manager_string: Rule::PatchManagerString,
    string_value: Rule::PatchStringValue,
    urn_missing: Rule::AttributeUrnMissing,
    value_as_array: Rule::PatchValueAsArray,
    clears_text: Clears::AnyText,
    single_value: None,
};

const RESOURCE: Names = Names {
    boolean_string: Rule::ResourceBooleanString,
    dotted_key: Rule::ResourceDottedKey,
    empty_string: Rule::ResourceEmptyStringClears,
    json_string: Rule::ResourceJsonStringValue,
    manager_string: Rule::ResourceManagerString,
    string_value: Rule::ResourceStringValue,
    urn_missing: Rule::ResourceCoreEnterpriseAttribute,
    value_as_array: Rule::ResourceValueAsArray,
    clears_text: Clears::OnlyMisplacedText,
    single_value: Some(Rule::ResourceEmailsObject),
};
