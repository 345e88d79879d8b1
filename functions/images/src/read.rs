//! `GET /images/{imageId}`

use std::time::{Duration, SystemTime};

use aws::{service_error::ServiceError, user_store::UserStore};
use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use common::{
    http_api::Response,
    image_id::ImageId,
    record::{ImageRecord, Status},
};

use crate::{
    config::Config, error::ImagesError, etag::revalidated, presigned_links::with_links,
    query::Query,
};

/// The longest wait, well below the 30-second limit of an HTTP API.
const MAX_WAIT_SECS: u64 = 20;

/// The pause between two reads of the record. The worker takes about this long for an image.
const INTERVAL: Duration = Duration::from_millis(500);

/// The part of the function's time that is kept for the response.
const RESERVE: Duration = Duration::from_secs(5);

/// Reads an image. With `wait`, responds as soon as it is no longer pending, or after that time.
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
    let record = settled(user_store, image, wait.min(time_left))
        .await?
        .ok_or(ImagesError::NoImage(image))?;
    tracing::info!(%image, status = record.status.as_str(), "read");
    let response = Response::json(
        200,
        &with_links(user_store, record, config.url_window).await?,
    )?;
    Ok(revalidated(request, response))
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
    user_store: &UserStore<'_>,
    image: ImageId,
    wait: Duration,
) -> Result<Option<ImageRecord>, ServiceError> {
    let end = tokio::time::Instant::now() + wait;
    loop {
        let record = user_store.record(image).await?;
        let is_pending = matches!(&record, Some(record) if record.status == Status::Pending);
        let now = tokio::time::Instant::now();
        if !is_pending || now >= end {
            return Ok(record);
        }
        tokio::time::sleep_until(end.min(now + INTERVAL)).await;
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
