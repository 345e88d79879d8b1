//! Pages of a user's records.

use time::OffsetDateTime;

use crate::{
    record_item::{text, to_record},
    service_error::ServiceError,
    user_store::{UserStore, records::Key},
};
use common::{
    attribute::Attribute,
    image_id::ImageId,
    record::{ImageRecord, Status},
    selection::{Order, Selection},
};

/// A page of a listing.
#[derive(Debug)]
pub struct Page {
    /// The records, in the requested order.
    pub records: Vec<ImageRecord>,
    /// The exclusive start of the next page, if there may be one.
    pub last: Option<ImageId>,
}

/// The most records that one page examines. A filter on a rare status would otherwise make a slow
/// and costly page of a large listing; instead the page is short and has a cursor.
const MAX_EXAMINED: usize = 1000;

impl UserStore<'_> {
    /// Reads up to `limit` records of a selection, after `after`, which must be in its time range.
    ///
    /// Most pages take one query. Where records are skipped, for their status or because they are
    /// hidden, further queries follow, each of twice as many records, until the page is full, the
    /// records end or a thousand are examined.
    pub async fn page(
        &self,
        selection: &Selection,
        limit: usize,
        after: Option<ImageId>,
    ) -> Result<Page, ServiceError> {
        let now = OffsetDateTime::now_utc();
        let mut records: Vec<ImageRecord> = Vec::new();
        let mut start = after.map(|image| self.key(image));
        let (mut batch, mut left) = (limit, MAX_EXAMINED);
        while batch > 0 {
            let (items, end) = self.query(selection, batch, start.take()).await?;
            let visible = items
                .iter()
                .filter_map(to_record)
                .filter(|record| !record.is_hidden(now));
            records.extend(visible);
            start = end;
            if start.is_none() || records.len() >= limit {
                break;
            }
            left -= batch;
            batch = (batch * 2).min(left);
        }
        let is_too_much = records.len() > limit;
        records.truncate(limit);
        let last = if is_too_much {
            records.last().map(|record| record.image)
        } else {
            // A user may have written an item whose key is no image id; then the last valid one
            // serves.
            start.and_then(|key| {
                ImageId::parse(key.get(Attribute::ImageId.name())?.as_s().ok()?)
                    .ok()
                    .or_else(|| Some(records.last()?.image))
            })
        };
        Ok(Page { records, last })
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
            .key_condition_expression("identityId = :identity AND imageId BETWEEN :first AND :last")
            .expression_attribute_values(":identity", text(self.identity().as_str()))
            .expression_attribute_values(":first", text(selection.span.first().to_string()))
            .expression_attribute_values(":last", text(selection.span.last().to_string()))
            .scan_index_forward(selection.order == Order::Oldest)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .set_exclusive_start_key(start);
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
