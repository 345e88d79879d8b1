//! `GET /images/{imageId}`

use std::time::{Duration, SystemTime};

use aws::{service_error::ServiceError, user_store::UserStore};
use aws_lambda_events::{apigw::ApiGatewayV2httpRequest, http::header::RETRY_AFTER};
use common::{
    http_api::Response,
    image_id::ImageId,
    record::{ImageRecord, Status},
};

use tokio::time::Instant;

use crate::{
    config::Config, error::ImagesError, etag::revalidated, presigned_links::with_links,
    query::Query,
};

/// The longest wait that can be asked for, well below the 30-second limit of an HTTP API.
const MAX_WAIT_SECS: u64 = 20;

/// The pause between two reads of the record. The worker takes about this long for an image.
const INTERVAL: Duration = Duration::from_millis(500);

/// The pause that a client is told to make before it asks for a pending image again, in seconds.
const RETRY_AFTER_SECS: &str = "1";

/// The part of the function's time that is kept for the response.
const RESERVE: Duration = Duration::from_secs(5);

/// Reads an image. With `wait`, responds as soon as it is no longer pending, or after that time, or
/// after what the [`WaitBudget`](crate::wait_budget::WaitBudget) allows of it.
pub(crate) async fn read(
    config: &Config,
    user_store: &UserStore<'_>,
    request: &ApiGatewayV2httpRequest,
    query: &Query,
    image: ImageId,
    deadline: SystemTime,
) -> Result<Response, ImagesError> {
    let wait = query
        .parsed("wait", "a whole number of seconds from 0 to 20", parse_wait)?
        .unwrap_or_default();
    let time_left = deadline
        .duration_since(SystemTime::now())
        .unwrap_or_default()
        .saturating_sub(RESERVE);
    let record = settled(config, user_store, image, wait.min(time_left))
        .await?
        .ok_or(ImagesError::NoImage(image))?;
    tracing::info!(%image, status = record.status.as_str(), "read");
    let is_pending = record.status == Status::Pending;
    let signer = user_store.url_signer(config.url_window).await?;
    let response = Response::json(200, &with_links(user_store, &signer, record))?;
    let response = revalidated(request, response);
    if is_pending && !wait.is_zero() {
        return Ok(response.with(RETRY_AFTER, RETRY_AFTER_SECS));
    }
    Ok(response)
}

fn parse_wait(text: &str) -> Option<Duration> {
    let is_plain = text.bytes().all(|b| b.is_ascii_digit());
    match text.parse() {
        Ok(secs @ 0..=MAX_WAIT_SECS) if is_plain => Some(Duration::from_secs(secs)),
        _ => None,
    }
}

/// Reads the record until it is no longer pending or the wait is over. A missing record ends the
/// wait.
async fn settled(
    config: &Config,
    user_store: &UserStore<'_>,
    image: ImageId,
    wait: Duration,
) -> Result<Option<ImageRecord>, ServiceError> {
    let is_pending = |record: &Option<ImageRecord>| matches!(record, Some(record) if record.status == Status::Pending);
    let mut record = user_store.record(image).await?;
    if !is_pending(&record) || wait.is_zero() {
        return Ok(record);
    }
    let granted = config.wait_budget.take(wait, std::time::Instant::now());
    let end = Instant::now() + granted;
    loop {
        let now = Instant::now();
        if !is_pending(&record) || now >= end {
            config.wait_budget.give_back(end.duration_since(now));
            return Ok(record);
        }
        tokio::time::sleep_until(end.min(now + INTERVAL)).await;
        record = user_store.record(image).await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_0_to_20_whole_seconds() {
        assert_eq!(parse_wait("0"), Some(Duration::ZERO));
        assert_eq!(parse_wait("20"), Some(Duration::from_secs(20)));
        for text in ["", "21", "-1", "+1", "1.5", "1s", "99999999999999999999999"] {
            assert_eq!(parse_wait(text), None, "{text}");
        }
    }
}
