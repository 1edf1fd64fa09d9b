//! The app's view of a user in the form in which the store keeps it.

use serde_json::{Map, Value, json};

use crate::model::directory_user::DirectoryUserView;

impl DirectoryUserView {
    /// JSON of all that a mapping decides; `raw_attributes` are kept with the resource itself.
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

    /// Reads what [`DirectoryUserView::to_stored`] wrote, and the raw attributes out of the stored
    /// resource and its unknown attributes. Something else than our own JSON reads as empty.
    pub fn from_stored(view: &str, document: &str, extra: Option<&str>) -> Self {
        let mut view = object(view);
        let mut text = |name: &str| match view.remove(name) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        let mut read = Self {
            email: text("email"),
            first_name: text("first_name"),
            last_name: text("last_name"),
            name: text("name"),
            username: text("username"),
            job_title: text("job_title"),
            ..Self::default()
        };
        if let Some(Value::Array(emails)) = view.remove("emails") {
            read.emails = emails;
        }
        if let Some(Value::Object(custom)) = view.remove("custom_attributes") {
            read.custom_attributes = custom;
        }
        let mut attributes = object(document);
        attributes.shift_remove("schemas");
        read.raw_attributes = super::raw_attributes(&attributes, &extra.map(object).unwrap_or_default());
        read
    }
}

fn object(text: &str) -> Map<String, Value> {
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => object,
        Ok(_) | Err(_) => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::mapping::user_view;
    use crate::model::provider::Provider;

    #[test]
    fn a_view_reads_back_what_was_stored() {
        let document = r#"{"schemas":["x"],"userName":"a@example.com","name":{"givenName":"A"},"title":"T"}"#;
        let mut attributes = object(document);
        attributes.shift_remove("schemas");
        let extra = object(r#"{"shoeSize":"44"}"#);
        let view = user_view(Provider::Okta, &attributes, &extra);
        let extra = Value::Object(extra).to_string();
        assert_eq!(DirectoryUserView::from_stored(&view.to_stored(), document, Some(&extra)), view);
    }
}
