//! The selection of images that a query asks for.

use common::{
    record::Status,
    selection::{
        CaptureRange, EmptyCaptureRange, EmptyTimeRange, Order, Selection, Sorting, TimeRange,
    },
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
    /// An empty range of upload times.
    #[error(transparent)]
    TimeRange(#[from] EmptyTimeRange),
    /// An empty range of capture times.
    #[error(transparent)]
    CaptureRange(#[from] EmptyCaptureRange),
    /// A range of the times that the order does not have.
    #[error("{0} goes with order={1}")]
    OtherOrder(&'static str, &'static str),
    /// Pending images in an order that they are not in.
    #[error(
        "status=pending goes with order=newest or order=oldest: the capture time of a pending image is not known yet"
    )]
    PendingByCapture,
}

/// The orders of a listing, as a query names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    ByUpload(Order),
    ByCapture,
}

/// Parses `status`, `order`, `from` and `to`, `takenFrom` and `takenTo`.
pub(crate) fn parse(query: &Query) -> Result<Selection, SelectionError> {
    let status = query.parsed("status", "pending, ready or failed", |text| {
        [Status::Pending, Status::Ready, Status::Failed]
            .into_iter()
            .find(|status| status.as_str() == text)
    })?;
    let order = query.parsed("order", "newest, oldest or taken", |text| match text {
        "newest" => Some(Named::ByUpload(Order::Newest)),
        "oldest" => Some(Named::ByUpload(Order::Oldest)),
        "taken" => Some(Named::ByCapture),
        _ => None,
    })?;
    let order = order.unwrap_or(Named::ByUpload(Order::default()));
    let sorting = match order {
        Named::ByUpload(order) => {
            refuse(query, ["takenFrom", "takenTo"], "taken")?;
            let span = TimeRange::new(time(query, "from")?, time(query, "to")?)?;
            Sorting::ByUpload { order, span }
        }
        Named::ByCapture => {
            refuse(query, ["from", "to"], "newest or order=oldest")?;
            let (from, to) = (time(query, "takenFrom")?, time(query, "takenTo")?);
            if status == Some(Status::Pending) {
                return Err(SelectionError::PendingByCapture);
            }
            Sorting::ByCapture {
                span: CaptureRange::new(from, to)?,
            }
        }
    };
    Ok(Selection { status, sorting })
}

/// Refuses parameters of another order, which would otherwise be ignored.
fn refuse(
    query: &Query,
    names: [&'static str; 2],
    order: &'static str,
) -> Result<(), SelectionError> {
    match names.into_iter().find(|name| query.text(name).is_some()) {
        Some(name) => Err(SelectionError::OtherOrder(name, order)),
        None => Ok(()),
    }
}

fn time(query: &Query, name: &'static str) -> Result<Option<OffsetDateTime>, QueryError> {
    let allowed =
        "a time as in RFC 3339, such as 2026-01-31T12:00:00Z; a plus sign in a query is %2B";
    query.parsed(name, allowed, timestamp::parse)
}

#[cfg(test)]
mod tests {
    use aws_lambda_events::apigw::ApiGatewayV2httpRequest;

    use super::*;
    use crate::route::Route;

    fn parsed(text: &str) -> Result<Selection, SelectionError> {
        let mut request = ApiGatewayV2httpRequest::default();
        request.raw_query_string = Some(text.to_owned());
        parse(&Query::parse(&request, Route::List.parameters()).unwrap())
    }

    #[test]
    fn the_newest_come_first_by_default() {
        assert_eq!(parsed("").unwrap(), parsed("order=newest").unwrap());
        assert_ne!(parsed("").unwrap(), parsed("order=oldest").unwrap());
    }

    #[test]
    fn capture_times_are_those_of_their_order() {
        let Sorting::ByCapture { span } = parsed(
            "order=taken&takenFrom=2026-01-01T01:00:00%2B01:00&takenTo=2027-01-01T00:00:00Z",
        )
        .unwrap()
        .sorting
        else {
            panic!("not by capture time");
        };
        assert_eq!(span.first(), "2026-01-01T00:00:00.000Z");
        assert_eq!(span.last(), "2027-01-01T00:00:00.000Z");
    }

    #[test]
    fn a_range_of_another_order_is_refused_and_not_ignored() {
        for (query, detail) in [
            (
                "takenFrom=2026-01-01T00:00:00Z",
                "takenFrom goes with order=taken",
            ),
            ("order=oldest&takenTo=x", "takenTo goes with order=taken"),
            (
                "order=taken&from=2026-01-01T00:00:00Z",
                "from goes with order=newest or order=oldest",
            ),
            (
                "order=taken&to=x",
                "to goes with order=newest or order=oldest",
            ),
            (
                "order=taken&takenFrom=yesterday",
                r#"takenFrom="yesterday" is not a time"#,
            ),
            (
                "order=taken&takenTo=2026-01-01T00:00:00",
                r#"takenTo="2026-01-01T00:00:00" is not a time"#,
            ),
            (
                "order=taken&takenFrom=2026-01-01T00:00:00Z&takenTo=2026-01-01T00:00:00Z",
                "`takenTo` is not later than `takenFrom`",
            ),
            ("order=taken&status=pending", "status=pending goes with"),
            (
                "order=latest",
                r#"order="latest" is not newest, oldest or taken"#,
            ),
        ] {
            let error = parsed(query).unwrap_err().to_string();
            assert!(error.starts_with(detail), "{query}: {error}");
        }
    }
}
