//! Routes of directory groups.

use crate::base::id::kind;
use crate::model::page::Order;
use crate::service::app::groups::{self, CountedGroup, GroupQuery};
use crate::web::Response;

use super::answer::{Refused, list, ok};
use super::wire::directory_group::DirectoryGroup;
use super::{AppApi, Call};

impl AppApi {
    pub(super) async fn list_groups(&self, call: &Call) -> Result<Response, Refused> {
        let query = call.query()?;
        let paging = query.paging::<kind::Group>(Order::NewestFirst)?;
        let wanted = GroupQuery {
            directory: query.parsed("directory", "name a directory by its id, directory_…")?,
            user: query.parsed("user", "name a user by its id, directory_user_…")?,
            search: query.text("search").map(str::to_owned),
        };
        let page = groups::list_groups(&self.context, &call.caller, wanted, paging.request).await?;
        Ok(list(&paging, &page, |found| found.group.id.to_string(), sent))
    }

    pub(super) async fn read_group(&self, call: &Call) -> Result<Response, Refused> {
        let id = call.id("id", "directory group")?;
        Ok(ok(&sent(&groups::read_group(&self.context, &call.caller, id).await?)))
    }
}

fn sent(found: &CountedGroup) -> DirectoryGroup<'_> {
    DirectoryGroup::from(&found.group).with_members_count(found.members_count)
}
