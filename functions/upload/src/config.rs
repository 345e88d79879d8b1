//! The configuration of the upload function.

use std::time::Duration;

use aws::user_store::UserStoreConfig;
use common::{
    config::{ConfigError, Settings},
    problem::{Problem, ProblemType},
    quota::Quota,
};
use media::media_type::MediaType;
use thiserror::Error;

/// The resources of the function, and the limits of uploads.
#[derive(Debug)]
pub(crate) struct Config {
    /// The resources of the user stores.
    pub user_store: UserStoreConfig,
    /// The limit of an uploaded file, after base64 and form are decoded.
    pub max_upload_bytes: u64,
    /// The limit of a presigned upload, which is the limit of the worker.
    pub max_image_bytes: u64,
    /// Whether images in HEIC are accepted.
    pub accept_heic: bool,
    /// The quota of each user.
    pub quota: Quota,
    /// The time for which a pending record waits for its original.
    pub pending_expiry: Duration,
}

impl Config {
    /// Reads the variables. An error lists all problems.
    pub(crate) fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut settings = Settings::new(lookup);
        let user_store = UserStoreConfig::read(&mut settings);
        let max_upload_bytes = settings.number("HIKIDASHI_MAX_UPLOAD_BYTES");
        let max_image_bytes = settings.number("HIKIDASHI_MAX_IMAGE_BYTES");
        let accept_heic = settings.switch("HIKIDASHI_ACCEPT_HEIC");
        let quota = Quota::read(&mut settings);
        let pending_expiry = Duration::from_secs(settings.number("HIKIDASHI_PENDING_EXPIRY_SECS"));
        settings.finish(|| {
            Some(Self {
                user_store: user_store?,
                max_upload_bytes,
                max_image_bytes,
                accept_heic,
                quota,
                pending_expiry,
            })
        })
    }
    /// Checks that a format is not switched off.
    pub(crate) fn check_format(&self, media_type: MediaType) -> Result<(), FormatOff> {
        if media_type == MediaType::Heic && !self.accept_heic {
            return Err(FormatOff(media_type));
        }
        Ok(())
    }
}

/// The error for a format that the operator has switched off.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{} is switched off in this system; send one of: {}", .0.name(), others(*.0))]
pub(crate) struct FormatOff(MediaType);

fn others(off: MediaType) -> String {
    let others = MediaType::ALL.into_iter().filter(|other| *other != off);
    others.map(MediaType::name).collect::<Vec<_>>().join(", ")
}

impl From<FormatOff> for Problem {
    fn from(error: FormatOff) -> Self {
        Self::new(ProblemType::UnsupportedFormat, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(accept_heic: &str) -> Config {
        Config::read(|name| {
            let value = match name {
                "HIKIDASHI_STAGE" => "dev",
                "HIKIDASHI_ACCEPT_HEIC" => accept_heic,
                _ => "1",
            };
            Some(value.to_owned())
        })
        .unwrap()
    }

    #[test]
    fn heic_is_refused_where_it_is_switched_off_and_nothing_else_is() {
        for media_type in MediaType::ALL {
            assert_eq!(config("on").check_format(media_type), Ok(()));
            let refused = config("off").check_format(media_type).is_err();
            assert_eq!(refused, media_type == MediaType::Heic);
        }
        let problem = Problem::from(config("off").check_format(MediaType::Heic).unwrap_err());
        assert_eq!(problem.kind, ProblemType::UnsupportedFormat);
        assert_eq!(
            problem.detail,
            "heic is switched off in this system; send one of: jpeg, png, webp, gif, avif"
        );
    }
}
