//! `GET /me`

use aws::user_store::UserStore;
use common::{http_api::Response, usage::Usage};
use serde::Serialize;

use crate::{config::Config, error::ImagesError};

/// The response. `usage` is null while the stage has no quotas: nothing is counted then.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Me<'a> {
    identity_id: &'a str,
    usage: Option<Counters>,
    quota: QuotaLimits,
    limits: UploadLimits,
}

#[derive(Serialize)]
struct Counters {
    bytes: u64,
    images: u64,
}

/// A limit is null where there is none.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct QuotaLimits {
    max_bytes: Option<u64>,
    max_images: Option<u64>,
}

/// The limits of one upload.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UploadLimits {
    /// The largest body of `POST /upload`.
    pub max_upload_bytes: u64,
    /// The largest original.
    pub max_image_bytes: u64,
    /// Whether images in HEIC are accepted.
    pub accept_heic: bool,
}

/// Reads the caller's identity, usage and limits.
pub(crate) async fn me(
    config: &Config,
    user_store: &UserStore<'_>,
) -> Result<Response, ImagesError> {
    let (usage, quota) = if config.quota.is_on() {
        let item = user_store.usage().await?;
        let limits = config.quota.limits(&item);
        let Usage { bytes, images } = item.usage;
        let quota = QuotaLimits {
            max_bytes: limits.max_bytes,
            max_images: limits.max_images,
        };
        (Some(Counters { bytes, images }), quota)
    } else {
        (None, QuotaLimits::default())
    };
    let me = Me {
        identity_id: user_store.identity().as_str(),
        usage,
        quota,
        limits: config.upload_limits,
    };
    Ok(Response::json(200, &me)?)
}
