//! Routes of directory users.

use crate::base::id::{GroupId, kind};
use crate::model::directory_user::UserState;
use crate::model::page::Order;
use crate::service::app::users::{self, UserQuery, UserWithGroups};
use crate::service::app::{AppFailure, Fault};
use crate::web::Response;

use super::answer::{Refused, list, ok};
use super::query::Query;
use super::wire::directory_user::DirectoryUserWithGroups;
use super::{AppApi, Call};

impl AppApi {
    pub(super) async fn list_users(&self, call: &Call) -> Result<Response, Refused> {
        let query = call.query()?;
        let group = query.parsed("group", "name a group by its id, directory_group_…")?;
        self.users(call, &query, group).await
    }

    pub(super) async fn list_members(&self, call: &Call) -> Result<Response, Refused> {
        let group: GroupId = call.id("id", "directory group")?;
        self.users(call, &call.query()?, Some(group)).await
    }

    async fn users(&self, call: &Call, query: &Query, group: Option<GroupId>) -> Result<Response, Refused> {
        let paging = query.paging::<kind::User>(Order::NewestFirst)?;
        let wanted = UserQuery {
            directory: query.parsed("directory", "name a directory by its id, directory_…")?,
            group,
            idp_id: query.text("idp_id").map(str::to_owned),
            email: query.text("email").map(str::to_owned),
            state: query.with("state", "write active or inactive", UserState::from_name)?,
            updated_after: query.moment("updated_after")?,
            search: query.text("search").map(str::to_owned),
            custom_attributes: query.keyed("custom_attributes"),
        };
        check_scope(&wanted)?;
        let page = users::list_users(&self.context, &call.caller, wanted, paging.request).await?;
        Ok(list(&paging, &page, |found| found.user.id.to_string(), sent))
    }

    pub(super) fn read_user(&self, call: &Call) -> Result<Response, Refused> {
        let id = call.id("id", "directory user")?;
        Ok(ok(&sent(&users::read_user(&self.context, &call.caller, id)?)))
    }
}

fn sent(found: &UserWithGroups) -> DirectoryUserWithGroups<'_> {
    DirectoryUserWithGroups::new(&found.user, &found.groups)
}

/// An address or an idp_id means something only within one directory.
fn check_scope(wanted: &UserQuery) -> Result<(), Refused> {
    let field = match (&wanted.idp_id, &wanted.email) {
        (Some(_), _) => "idp_id",
        (None, Some(_)) => "email",
        (None, None) => return Ok(()),
    };
    match wanted.directory {
        Some(_) => Ok(()),
        None => {
            let message = format!("{field} is known only within a directory: name it, directory=directory_…");
            Err(AppFailure::Invalid(vec![Fault::new("directory", "required", message)]).into())
        }
    }
}
