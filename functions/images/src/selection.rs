//! The selection of images that a query asks for.

use common::{
    record::Status,
    selection::{EmptyTimeRange, Order, Selection, TimeRange},
    timestamp,
};
use thiserror::Error;
use time::OffsetDateTime;

use crate::query::{Query, QueryError};

/// The reason why a selection is refused.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum SelectionError {
    /// A value that does not parse.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// An empty time range.
    #[error(transparent)]
    TimeRange(#[from] EmptyTimeRange),
}

/// Parses `status`, `order`, `from` and `to`.
pub(crate) fn parse(query: &Query) -> Result<Selection, SelectionError> {
    let status = query.parsed("status", "pending, ready or failed", |text| {
        [Status::Pending, Status::Ready, Status::Failed]
            .into_iter()
            .find(|status| status.as_str() == text)
    })?;
    let order = query.parsed("order", "newest or oldest", |text| match text {
        "newest" => Some(Order::Newest),
        "oldest" => Some(Order::Oldest),
        _ => None,
    })?;
    let span = TimeRange::new(time(query, "from")?, time(query, "to")?)?;
    Ok(Selection {
        status,
        order: order.unwrap_or_default(),
        span,
    })
}

fn time(query: &Query, name: &'static str) -> Result<Option<OffsetDateTime>, QueryError> {
    let allowed =
        "a time as in RFC 3339, such as 2026-01-31T12:00:00Z; a plus sign in a query is %2B";
    query.parsed(name, allowed, timestamp::parse)
}
