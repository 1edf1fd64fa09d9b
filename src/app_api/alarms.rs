//! Routes of alarms.

use crate::base::id::kind;
use crate::model::page::Order;
use crate::service::app::alarms;
use crate::store::app::alarms::AlarmFilter;
use crate::web::Response;

use super::answer::{Refused, list, ok};
use super::wire::alarm::Alarm;
use super::{AppApi, Call};

impl AppApi {
    pub(super) async fn list_alarms(&self, call: &Call) -> Result<Response, Refused> {
        let query = call.query()?;
        let paging = query.paging::<kind::Alarm>(Order::NewestFirst)?;
        let filter = AlarmFilter {
            directory: query.parsed("directory", "name a directory by its id, directory_…")?,
            is_open: query.parsed("open", "write true or false")?,
        };
        let page = alarms::list_alarms(&self.context, &call.caller, filter, paging.request).await?;
        Ok(list(&paging, &page, |alarm| alarm.id.to_string(), Alarm::from))
    }

    pub(super) async fn acknowledge_alarm(&self, call: &Call) -> Result<Response, Refused> {
        let id = call.id("id", "alarm")?;
        let alarm = alarms::acknowledge_alarm(&self.context, &call.caller, id).await?;
        Ok(ok(&Alarm::from(&alarm)))
    }
}
