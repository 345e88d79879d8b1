//! Pages of a user's records.

use time::OffsetDateTime;

use crate::{
    record_item::{get_text, text, to_record},
    service_error::ServiceError,
    user_store::{UserStore, records::Key},
};
use common::{
    attribute::Attribute,
    image_id::ImageId,
    record::{ImageRecord, Status},
    selection::{Order, Position, Selection, Sorting},
    taken_key::TakenKey,
};

/// A page of a listing.
#[derive(Debug)]
pub struct Page {
    /// The records, in the requested order.
    pub records: Vec<ImageRecord>,
    /// The exclusive start of the next page, if there may be one.
    pub last: Option<Position>,
}

/// The most records that one page examines. A filter on a rare status would otherwise make a slow
/// and costly page of a large listing; instead the page is short and has a cursor.
const MAX_EXAMINED: usize = 1000;

/// The most queries that follow a page without a single image because of foreign items: a cursor
/// has to be an image's.
const MAX_FOREIGN_QUERIES: usize = 8;

/// The index whose sort key is the position in the order by capture time.
const TAKEN_INDEX: &str = "taken";

impl UserStore<'_> {
    /// Reads up to `limit` records of a selection, after `after`, which must be in its range.
    ///
    /// Most pages take one query. Where records are skipped, for their status or because they are
    /// hidden, further queries follow, each of twice as many records, until the page is full, the
    /// records end or a thousand are examined. A query ends after 1 MB, so a page may be short.
    pub async fn page(
        &self,
        selection: &Selection,
        limit: usize,
        after: Option<Position>,
    ) -> Result<Page, ServiceError> {
        let now = OffsetDateTime::now_utc();
        let mut listed: Vec<(ImageRecord, Position)> = Vec::new();
        let mut start = after.map(|position| self.start(position));
        let (mut batch, mut left) = (limit, MAX_EXAMINED);
        while batch > 0 {
            let (items, end) = self.query(selection, batch, start.take()).await?;
            listed.extend(visible(&items, selection, now));
            start = end;
            if start.is_none() || listed.len() >= limit {
                break;
            }
            left -= batch;
            batch = (batch * 2).min(left);
        }
        let is_foreign = |key: &Key| position(key, &selection.sorting).is_none();
        for _ in 0..MAX_FOREIGN_QUERIES {
            if !listed.is_empty() || !start.as_ref().is_some_and(is_foreign) {
                break;
            }
            let (items, end) = self.query(selection, MAX_EXAMINED, start.take()).await?;
            listed.extend(visible(&items, selection, now));
            start = end;
        }
        let is_too_much = listed.len() > limit;
        listed.truncate(limit);
        let of_last = listed.last().map(|(_, position)| *position);
        let last = if is_too_much {
            of_last
        } else {
            // A user may have written an item whose key is no image id; then the last valid one
            // serves.
            start.and_then(|key| position(&key, &selection.sorting).or(of_last))
        };
        let records = listed.into_iter().map(|(record, _)| record).collect();
        Ok(Page { records, last })
    }

    /// Returns the exclusive start of a query: the keys of the table, and of the index.
    fn start(&self, position: Position) -> Key {
        match position {
            Position::Upload(image) => self.key(image),
            Position::Capture(taken_key) => {
                let mut key = self.key(taken_key.image());
                let sort_key = text(taken_key.to_string());
                key.insert(Attribute::TakenKey.name().to_owned(), sort_key);
                key
            }
        }
    }

    async fn query(
        &self,
        selection: &Selection,
        limit: usize,
        start: Option<Key>,
    ) -> Result<(Vec<Key>, Option<Key>), ServiceError> {
        let query = self
            .user_stores
            .dynamodb
            .query()
            .table_name(&self.user_stores.config.table)
            .expression_attribute_values(":identity", text(self.identity().as_str()))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .set_exclusive_start_key(start);
        let query = match selection.sorting {
            Sorting::ByUpload { order, span } => query
                .key_condition_expression(
                    "identityId = :identity AND imageId BETWEEN :first AND :last",
                )
                .expression_attribute_values(":first", text(span.first().to_string()))
                .expression_attribute_values(":last", text(span.last().to_string()))
                .scan_index_forward(order == Order::Oldest),
            Sorting::ByCapture { span } => query
                .index_name(TAKEN_INDEX)
                .key_condition_expression(
                    "identityId = :identity AND takenKey BETWEEN :first AND :last",
                )
                .expression_attribute_values(":first", text(span.first()))
                .expression_attribute_values(":last", text(span.last()))
                .scan_index_forward(false),
        };
        let query = match selection.status {
            None => query,
            Some(Status::Pending) => query
                .filter_expression("attribute_not_exists(#status)")
                .expression_attribute_names("#status", Attribute::Status.name()),
            Some(status @ (Status::Ready | Status::Failed)) => query
                .filter_expression("#status = :status")
                .expression_attribute_names("#status", Attribute::Status.name())
                .expression_attribute_values(":status", text(status.as_str())),
        };
        let answer = query
            .customize()
            .config_override(self.dynamodb_override())
            .send()
            .await
            .map_err(|error| ServiceError::classify(format!("list {}", self.identity()), error))?;
        Ok((answer.items.unwrap_or_default(), answer.last_evaluated_key))
    }
}

/// Returns the records among items that are not hidden, each with its position.
fn visible(
    items: &[Key],
    selection: &Selection,
    now: OffsetDateTime,
) -> impl Iterator<Item = (ImageRecord, Position)> {
    items
        .iter()
        .filter_map(move |item| Some((to_record(item)?, position(item, &selection.sorting)?)))
        .filter(move |(record, _)| !record.is_hidden(now))
}

/// Returns the position of an item, or of a key.
fn position(item: &Key, sorting: &Sorting) -> Option<Position> {
    match sorting {
        Sorting::ByUpload { .. } => ImageId::parse(get_text(item, Attribute::ImageId)?)
            .ok()
            .map(Position::Upload),
        Sorting::ByCapture { .. } => TakenKey::parse(get_text(item, Attribute::TakenKey)?)
            .ok()
            .map(Position::Capture),
    }
}
