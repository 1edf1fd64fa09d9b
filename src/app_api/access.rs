//! The route of the access check.

use crate::base::limits;
use crate::service::app::access::{AccessQuestion, Within, check_access};
use crate::web::Response;

use super::answer::{Refused, ok};
use super::query::{Query, invalid};
use super::wire::access::Access;
use super::{AppApi, Call};

impl AppApi {
    pub(super) fn check_access(&self, call: &Call) -> Result<Response, Refused> {
        let question = question(&call.query()?)?;
        Ok(ok(&Access::from(&check_access(&self.context, &call.caller, &question)?)))
    }
}

fn question(query: &Query) -> Result<AccessQuestion, Refused> {
    let within = match (query.text("directory"), query.text("organization_id")) {
        (Some(directory), _) => Some(Within::Directory(directory.parse().ok())),
        (None, Some(organization)) => Some(Within::Organization(organization.parse().ok())),
        (None, None) => None,
    };
    if let Some(user) = query.text("user") {
        return Ok(AccessQuestion::User { id: user.parse().ok(), within });
    }
    let Some(within) = within else {
        let message = "name user=directory_user_…, or email= or idp_id= with directory= or organization_id=";
        return Err(invalid("directory", "required", message));
    };
    match (query.text("email"), query.text("idp_id")) {
        (Some(email), None) if email.len() <= limits::KEY_STRING_BYTES_MAX => {
            Ok(AccessQuestion::Email { email: email.to_owned(), within })
        }
        (None, Some(idp_id)) => Ok(AccessQuestion::IdpId { idp_id: idp_id.to_owned(), within }),
        (Some(_), None) => Err(invalid("email", "too_long", "this can't be an address")),
        (Some(_), Some(_)) => Err(invalid("idp_id", "invalid", "name email or idp_id, not both")),
        (None, None) => Err(invalid("user", "required", "name user=, email= or idp_id=")),
    }
}
