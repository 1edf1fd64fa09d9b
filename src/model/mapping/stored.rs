//! The stored form of what a mapping made: everything but the raw attributes, which are those of
//! the document and of the unknown attributes stored beside it.

use serde_json::{Map, Value, json};

use super::raw_attributes;
use crate::model::directory_user::DirectoryUserView;

impl DirectoryUserView {
    /// JSON that [`DirectoryUserView::from_stored`] reads.
    pub fn to_stored(&self) -> String {
        json!({
            "email": self.email,
            "first_name": self.first_name,
            "last_name": self.last_name,
            "name": self.name,
            "username": self.username,
            "job_title": self.job_title,
            "emails": self.emails,
            "custom_attributes": self.custom_attributes,
        })
        .to_string()
    }

    /// Reads a view back, with the raw attributes of the SCIM resource as stored (`document`) and
    /// the attributes that no schema knows (`extra`).
    pub fn from_stored(view: &str, document: &str, extra: Option<&str>) -> Self {
        let mut view = object(view);
        let mut text = |name: &str| match view.shift_remove(name) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        Self {
            email: text("email"),
            first_name: text("first_name"),
            last_name: text("last_name"),
            name: text("name"),
            username: text("username"),
            job_title: text("job_title"),
            emails: match view.shift_remove("emails") {
                Some(Value::Array(emails)) => emails,
                _ => Vec::new(),
            },
            custom_attributes: match view.shift_remove("custom_attributes") {
                Some(Value::Object(attributes)) => attributes,
                _ => Map::new(),
            },
            raw_attributes: raw_attributes(&object(document), &extra.map(object).unwrap_or_default()),
        }
    }
}

/// # Panics
///
/// When the store holds something that rosterd did not write: an empty view would look like a
/// user who lost everything.
fn object(text: &str) -> Map<String, Value> {
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => object,
        Ok(_) | Err(_) => panic!("a stored user is not a JSON object"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing;

    #[test]
    fn a_view_reads_back_what_it_stored() {
        let view = testing::user().view;
        let document = Value::Object(view.raw_attributes.clone()).to_string();
        assert_eq!(DirectoryUserView::from_stored(&view.to_stored(), &document, None), view);
    }

    #[test]
    fn schemas_are_no_raw_attribute_and_unknown_attributes_are() {
        let view =
            DirectoryUserView::from_stored("{}", r#"{"schemas":["x"],"title":"A"}"#, Some(r#"{"shoe":4}"#));
        assert_eq!(Value::Object(view.raw_attributes), json!({"title": "A", "shoe": 4}));
    }
}
