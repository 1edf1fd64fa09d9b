//! Request records: what providers sent and what they were answered.

use crate::base::id::RequestId;
use crate::model::hint::hint;
use crate::model::page::{Page, PageRequest};
use crate::model::provider::Provider;
use crate::model::request_record::RequestRecord;
use crate::service::authenticate_app::AppCaller;
use crate::service::context::Context;
use crate::store::app::AppView;
use crate::store::app::requests::RequestFilter;

use super::failure::AppFailure;

/// A record and what an admin can do about it.
pub type HintedRecord = (RequestRecord, Option<String>);

/// # Errors
///
/// No such record; [`AppFailure`] of the store.
pub fn read_request(
    context: &Context,
    caller: &AppCaller,
    id: RequestId,
) -> Result<HintedRecord, AppFailure> {
    Ok(context.store.read_app(caller.scope(), |view| -> Result<_, AppFailure> {
        let record = view.request_record(id)?.ok_or_else(|| AppFailure::not_found("request", id))?;
        hinted(view, record)
    })?)
}

/// A page of records, each with the events that it caused.
///
/// # Errors
///
/// [`AppFailure`] of the store.
pub async fn list_requests(
    context: &Context,
    caller: &AppCaller,
    filter: RequestFilter,
    page: PageRequest,
) -> Result<Page<HintedRecord>, AppFailure> {
    let list = move |view: &AppView<'_>| -> Result<_, AppFailure> {
        view.request_records(&filter, &page)?.try_map(|record| hinted(view, record))
    };
    Ok(context.store.scan_app(caller.scope(), list).await?)
}

fn hinted(view: &AppView<'_>, record: RequestRecord) -> Result<HintedRecord, AppFailure> {
    let directory = record.directory_id.map(|id| view.directory(id)).transpose()?.flatten();
    let hint = hint(directory.map_or(Provider::Generic, |directory| directory.provider), &record);
    Ok((record, hint))
}
