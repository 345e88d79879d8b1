//! The body of `POST /upload/presign`: what its sender says of a file that is still to come.

use aws::user_store::PresignRequest;
use common::{
    file_name::{FileName, FileNameError},
    problem::{Problem, ProblemType},
    sha256_sum::{InvalidSha256Sum, Sha256Sum},
};
use media::media_type::MediaType;
use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

use crate::event::NotBase64;

/// Far more than four members take.
const MAX_BODY_BYTES: u64 = 16 * 1024;

/// A file that is to be put straight into the bucket.
#[derive(Debug)]
pub(crate) struct PresignRequestBody {
    /// As its owner calls it.
    pub file_name: Option<FileName>,
    /// What goes into the signature.
    pub file: PresignRequest,
}

/// Why a body announces no file. Each names the member and what it may be.
#[derive(Debug, Error)]
pub(crate) enum AnnouncementError {
    /// The gateway's base64 does not decode.
    #[error(transparent)]
    Encoding(#[from] NotBase64),
    /// More than an announcement can be.
    #[error("body is {size_bytes} bytes; the limit is {MAX_BODY_BYTES}")]
    BodyTooLarge {
        /// Bytes.
        size_bytes: u64,
    },
    /// Not JSON, not an object, or with a member that is not known here or is there twice.
    #[error("the body is not a JSON object of fileName, contentType, size and sha256: {0}")]
    Json(#[from] serde_json::Error),
    /// A member that has to be there.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// A member of another type.
    #[error("`{member}` is not {expected}")]
    Type {
        /// Its name.
        member: &'static str,
        /// What it may be.
        expected: &'static str,
    },
    /// See [`FileNameError`].
    #[error("`fileName`: {0}")]
    FileName(#[from] FileNameError),
    /// Not one of [`MediaType::ALL`].
    #[error("`contentType` is {0:?}; send one of: {types}", types = MediaType::ALL.map(MediaType::mime).join(", "))]
    ContentType(String),
    /// More than the worker would read.
    #[error("`size` is {size_bytes} bytes; the limit is {max_bytes}")]
    FileTooLarge {
        /// Bytes.
        size_bytes: u64,
        /// Bytes.
        max_bytes: u64,
    },
    /// See [`InvalidSha256Sum`].
    #[error("`sha256`: {0}")]
    Sha256(#[from] InvalidSha256Sum),
}

/// Members with any JSON in them, so that a wrong type is an error that names its member.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Members {
    file_name: Option<Value>,
    content_type: Option<Value>,
    size: Option<Value>,
    sha256: Option<Value>,
}

impl PresignRequestBody {
    /// `max_bytes` is the largest file that may be announced. A member that is `null` is one that is not there.
    pub(crate) fn read(
        body: Result<Vec<u8>, NotBase64>,
        max_bytes: u64,
    ) -> Result<Self, AnnouncementError> {
        let body = body?;
        let size_bytes = u64::try_from(body.len()).unwrap_or(u64::MAX);
        if size_bytes > MAX_BODY_BYTES {
            return Err(AnnouncementError::BodyTooLarge { size_bytes });
        }
        let members: Members = serde_json::from_slice(&body)?;
        let content_type = text("contentType", members.content_type)?
            .ok_or(AnnouncementError::Missing("contentType"))?;
        Ok(Self {
            file_name: text("fileName", members.file_name)?
                .map(|name| FileName::parse(&name))
                .transpose()?,
            file: PresignRequest {
                media_type: MediaType::ALL
                    .into_iter()
                    .find(|media_type| media_type.mime() == content_type)
                    .ok_or(AnnouncementError::ContentType(content_type))?,
                size_bytes: size(members.size, max_bytes)?,
                sha256: text("sha256", members.sha256)?
                    .map(|sum| Sha256Sum::parse(&sum))
                    .transpose()?,
            },
        })
    }
}

fn text(member: &'static str, value: Option<Value>) -> Result<Option<String>, AnnouncementError> {
    match value {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(AnnouncementError::Type {
            member,
            expected: "text",
        }),
    }
}

fn size(value: Option<Value>, max_bytes: u64) -> Result<u64, AnnouncementError> {
    let value = value.ok_or(AnnouncementError::Missing("size"))?;
    match value.as_u64() {
        None | Some(0) => Err(AnnouncementError::Type {
            member: "size",
            expected: "a whole number of bytes, at least 1",
        }),
        Some(size_bytes) if size_bytes > max_bytes => Err(AnnouncementError::FileTooLarge {
            size_bytes,
            max_bytes,
        }),
        Some(size_bytes) => Ok(size_bytes),
    }
}

impl From<AnnouncementError> for Problem {
    fn from(error: AnnouncementError) -> Self {
        let kind = match error {
            AnnouncementError::Encoding(_) => ProblemType::BodyEncoding,
            AnnouncementError::BodyTooLarge { .. } | AnnouncementError::FileTooLarge { .. } => {
                ProblemType::BodyTooLarge
            }
            AnnouncementError::Json(_)
            | AnnouncementError::Missing(_)
            | AnnouncementError::Type { .. }
            | AnnouncementError::Sha256(_) => ProblemType::BodyInvalid,
            AnnouncementError::FileName(_) => ProblemType::FileNameInvalid,
            AnnouncementError::ContentType(_) => ProblemType::UnsupportedFormat,
        };
        Self::new(kind, error.to_string())
    }
}

#[cfg(test)]
mod tests;
