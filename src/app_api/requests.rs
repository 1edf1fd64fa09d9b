//! Routes of request records.

use crate::base::id::kind;
use crate::model::page::Order;
use crate::model::request_record::RequestRecord as Record;
use crate::service::app::requests::{self, HintedRecord};
use crate::store::app::requests::RequestFilter;
use crate::web::Response;

use super::answer::{Refused, list, ok};
use super::wire::request_record::RequestRecord;
use super::{AppApi, Call};

impl AppApi {
    /// Bodies are sent with one record only: a page of them could be large.
    pub(super) async fn list_requests(&self, call: &Call) -> Result<Response, Refused> {
        let query = call.query()?;
        let paging = query.paging::<kind::Request>(Order::NewestFirst)?;
        let filter = RequestFilter {
            directory: query.parsed("directory", "name a directory by its id, directory_…")?,
            method: query.text("method").map(str::to_ascii_uppercase),
            status: query.with("status", "write a status like 409, or a class like 4xx", status_range)?,
            resource_id: query.text("resource_id").map(str::to_owned),
            range_start: query.moment("range_start")?,
            range_end: query.moment("range_end")?,
            rule: query.text("rule").map(str::to_owned),
        };
        let page = requests::list_requests(&self.context, &call.caller, filter, paging.request).await?;
        let page =
            page.map(|(record, hint)| (Record { request_body: None, response_body: None, ..record }, hint));
        let id = |(record, _): &HintedRecord| record.id.to_string();
        Ok(list(&paging, &page, id, |(record, hint)| RequestRecord::new(record, hint.clone())))
    }

    pub(super) fn read_request(&self, call: &Call) -> Result<Response, Refused> {
        let id = call.id("id", "request")?;
        let (record, hint) = requests::read_request(&self.context, &call.caller, id)?;
        Ok(ok(&RequestRecord::new(&record, hint)))
    }
}

/// The first and last status that a text means.
fn status_range(text: &str) -> Option<(u16, u16)> {
    match text.to_ascii_lowercase().strip_suffix("xx") {
        Some(class) => {
            let class: u16 = class.parse().ok().filter(|class| (1..=5).contains(class))?;
            Some((class * 100, class * 100 + 99))
        }
        None => {
            let status = text.parse().ok().filter(|status| (100..=599).contains(status))?;
            Some((status, status))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_or_a_class_is_understood() {
        assert_eq!(status_range("4xx"), Some((400, 499)));
        assert_eq!(status_range("5XX"), Some((500, 599)));
        assert_eq!(status_range("409"), Some((409, 409)));
        for text in ["xx", "9xx", "99", "600", "x"] {
            assert_eq!(status_range(text), None, "{text}");
        }
    }
}
