//! Request records: what providers sent and what they were answered.

use crate::base::id::RequestId;
use crate::model::page::{Page, PageRequest};
use crate::model::request_record::RequestRecord;
use crate::service::authenticate_app::AppCaller;
use crate::service::context::Context;
use crate::store::app::AppView;
use crate::store::app::requests::RequestFilter;

use super::failure::AppFailure;

/// # Errors
///
/// No such record; [`AppFailure`] of the store.
pub fn read_request(
    context: &Context,
    caller: &AppCaller,
    id: RequestId,
) -> Result<RequestRecord, AppFailure> {
    Ok(context.store.read_app(caller.scope(), |view| -> Result<_, AppFailure> {
        view.request_record(id)?.ok_or_else(|| AppFailure::not_found("request", id))
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
) -> Result<Page<RequestRecord>, AppFailure> {
    let list =
        move |view: &AppView<'_>| -> Result<_, AppFailure> { Ok(view.request_records(&filter, &page)?) };
    Ok(context.store.scan_app(caller.scope(), list).await?)
}
