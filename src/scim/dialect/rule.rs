//! The named deviations from the RFCs that a directory understands unless it is strict.

use std::fmt;

/// One deviation. Its name is counted, kept in the request record and shown to admins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    AttributeUrnDot,
    AttributeUrnMissing,
    FilterBooleanCase,
    FilterBooleanString,
    FilterComplexValue,
    FilterUnquotedValue,
    FilterValuePathSubAttribute,
    LifecycleDeactivateDespiteError,
    PatchBooleanString,
    PatchCreateOnAbsent,
    PatchDottedKey,
    PatchEmptyOperations,
    PatchEmptyStringClears,
    PatchJsonStringValue,
    PatchManagerString,
    PatchOpCase,
    PatchOperationsKeyCase,
    PatchPathNull,
    PatchRemoveMembersByValue,
    PatchRemoveValuesByValue,
    PatchSchemasMissing,
    PatchStringValue,
    PatchUnknownAttributeKept,
    PatchValueAsArray,
    RequestContentType,
    RequestUserAgentMissing,
    ResourceBooleanString,
    ResourceCoreEnterpriseAttribute,
    ResourceDottedKey,
    ResourceEmailsObject,
    ResourceEmptyStringClears,
    ResourceExtensionTypo,
    ResourceExternalIdKept,
    ResourceJsonStringValue,
    ResourceManagerId,
    ResourceManagerString,
    ResourceSchemaUriUnknown,
    ResourceSchemasMissing,
    ResourceStringValue,
    ResourceUnknownAttributeKept,
    ResourceValueAsArray,
}

/// Every rule with its name and its sentence, in the order of the names.
const TABLE: [(Rule, &str, &str); 41] = [
    (Rule::AttributeUrnDot, "attribute.urn_dot", "A dot instead of a colon follows an extension's URN"),
    (
        Rule::AttributeUrnMissing,
        "attribute.urn_missing",
        "An attribute of an extension is named without the extension's URN",
    ),
    (Rule::FilterBooleanCase, "filter.boolean_case", "true or false is capitalised in a filter"),
    (Rule::FilterBooleanString, "filter.boolean_string", "A filter compares a boolean to quoted text"),
    (
        Rule::FilterComplexValue,
        "filter.complex_value",
        "A filter compares a whole complex attribute; its value is compared",
    ),
    (Rule::FilterUnquotedValue, "filter.unquoted_value", "The text in a filter has no quotes around it"),
    (
        Rule::FilterValuePathSubAttribute,
        "filter.value_path_sub_attribute",
        "A filter compares a sub-attribute after brackets; it is compared within them",
    ),
    (
        Rule::LifecycleDeactivateDespiteError,
        "lifecycle.deactivate_despite_error",
        "Part of the request was invalid and was dropped; the user was deactivated all the same",
    ),
    (Rule::PatchBooleanString, "patch.boolean_string", "true or false is sent as text in a PATCH"),
    (
        Rule::PatchCreateOnAbsent,
        "patch.create_on_absent",
        "The filter of a path matches nothing; the value that it describes is created",
    ),
    (
        Rule::PatchDottedKey,
        "patch.dotted_key",
        "A value without a path uses whole attribute paths as its keys",
    ),
    (Rule::PatchEmptyOperations, "patch.empty_operations", "A PATCH has no operation; nothing is changed"),
    (Rule::PatchEmptyStringClears, "patch.empty_string_clears", "Empty text clears the attribute"),
    (
        Rule::PatchJsonStringValue,
        "patch.json_string_value",
        "A value is JSON written into a string; it is taken as that JSON",
    ),
    (
        Rule::PatchManagerString,
        "patch.manager_string",
        "Plain text is sent for a complex attribute such as manager; it becomes its value",
    ),
    (Rule::PatchOpCase, "patch.op_case", "The op of a PATCH is capitalised"),
    (
        Rule::PatchOperationsKeyCase,
        "patch.operations_key_case",
        "The keys of a PATCH (Operations, op, path, value) are written in another case",
    ),
    (Rule::PatchPathNull, "patch.path_null", "The path of an operation is null; it counts as left out"),
    (
        Rule::PatchRemoveMembersByValue,
        "patch.remove_members_by_value",
        "A remove lists members in its value; only those are removed",
    ),
    (
        Rule::PatchRemoveValuesByValue,
        "patch.remove_values_by_value",
        "A remove lists values of an attribute; only those are removed",
    ),
    (Rule::PatchSchemasMissing, "patch.schemas_missing", "A PATCH does not name the schema of PatchOp"),
    (
        Rule::PatchStringValue,
        "patch.string_value",
        "Plain text is sent as one of many complex values; it becomes the value's value",
    ),
    (
        Rule::PatchUnknownAttributeKept,
        "patch.unknown_attribute_kept",
        "A PATCH names an attribute that no schema has; it is kept for the mapping",
    ),
    (
        Rule::PatchValueAsArray,
        "patch.value_as_array",
        "A list of one is sent for an attribute that has a single value",
    ),
    (
        Rule::RequestContentType,
        "request.content_type",
        "The body has no content type, or one that is not for JSON",
    ),
    (Rule::RequestUserAgentMissing, "request.user_agent_missing", "The request has no User-Agent"),
    (Rule::ResourceBooleanString, "resource.boolean_string", "true or false is sent as text"),
    (
        Rule::ResourceCoreEnterpriseAttribute,
        "resource.core_enterprise_attribute",
        "An attribute of an extension is sent among the core attributes; it is moved to the extension",
    ),
    (
        Rule::ResourceDottedKey,
        "resource.dotted_key",
        "Whole attribute paths are used as keys; the values are put where the paths point",
    ),
    (
        Rule::ResourceEmailsObject,
        "resource.emails_object",
        "A single value is sent for an attribute that has many; it becomes a list of one",
    ),
    (
        Rule::ResourceEmptyStringClears,
        "resource.empty_string_clears",
        "Empty text is sent for a complex attribute or a boolean; it counts as left out",
    ),
    (Rule::ResourceExtensionTypo, "resource.extension_typo", "The URN of an extension is misspelt"),
    (
        Rule::ResourceExternalIdKept,
        "resource.external_id_kept",
        "A PUT leaves out externalId; it is kept, since it says who the person is",
    ),
    (
        Rule::ResourceJsonStringValue,
        "resource.json_string_value",
        "A value is JSON written into a string; it is taken as that JSON",
    ),
    (Rule::ResourceManagerId, "resource.manager_id", "manager has managerId; it becomes its value"),
    (
        Rule::ResourceManagerString,
        "resource.manager_string",
        "Plain text is sent for a complex attribute such as manager; it becomes its value",
    ),
    (
        Rule::ResourceSchemaUriUnknown,
        "resource.schema_uri_unknown",
        "schemas names something that is not used and not known; it is ignored",
    ),
    (Rule::ResourceSchemasMissing, "resource.schemas_missing", "schemas does not name the core schema"),
    (
        Rule::ResourceStringValue,
        "resource.string_value",
        "Plain text is sent as one of many complex values; it becomes the value's value",
    ),
    (
        Rule::ResourceUnknownAttributeKept,
        "resource.unknown_attribute_kept",
        "An attribute that no schema has is kept for the mapping",
    ),
    (
        Rule::ResourceValueAsArray,
        "resource.value_as_array",
        "A list of one is sent for an attribute that has a single value",
    ),
];

impl Rule {
    /// Every rule, in the order of the names.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|(rule, _, _)| *rule)
    }

    /// The name under which it is counted: `patch.op_case`.
    pub fn name(self) -> &'static str {
        TABLE[self as usize].1
    }

    /// One sentence for an admin, without a full stop.
    pub fn explain(self) -> &'static str {
        TABLE[self as usize].2
    }

    /// The rule of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        TABLE.iter().find(|(_, known, _)| *known == name).map(|(rule, _, _)| *rule)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Notes a rule once, however often it is needed in one request.
pub fn note(rules: &mut Vec<Rule>, rule: Rule) {
    if !rules.contains(&rule) {
        rules.push(rule);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_stands_at_its_own_place_in_the_table() {
        for (index, (rule, name, _)) in TABLE.iter().enumerate() {
            assert_eq!(*rule as usize, index, "{name}");
            assert_eq!(Rule::from_name(rule.name()), Some(*rule));
        }
        assert!(TABLE.is_sorted_by(|a, b| a.1 < b.1));
        assert_eq!(Rule::from_name("patch.nothing"), None);
    }

    #[test]
    fn explanations_are_sentences_without_a_full_stop() {
        for rule in Rule::all() {
            let text = rule.explain();
            assert!(
                text.starts_with(|first: char| first.is_ascii_uppercase()
                    || text.starts_with("true")
                    || text.starts_with("schemas")
                    || text.starts_with("manager")),
                "{text}"
            );
            assert!(!text.ends_with('.'), "{text}");
        }
    }
}
