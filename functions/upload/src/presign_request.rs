//! The body of `POST /upload/presign`, which describes a file to be uploaded.

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

/// The limit of the body, far more than four members need.
const MAX_BODY_BYTES: u64 = 16 * 1024;

/// A file to be uploaded with a presigned PUT.
#[derive(Debug)]
pub(crate) struct PresignRequestBody {
    /// The user's name for the file.
    pub file_name: Option<FileName>,
    /// The properties to be signed.
    pub file: PresignRequest,
}

/// The reason why a body is refused. Each names the member and its allowed values.
#[derive(Debug, Error)]
pub(crate) enum PresignRequestError {
    /// The gateway's base64 does not decode.
    #[error(transparent)]
    Encoding(#[from] NotBase64),
    /// The body is larger than a presign request can be.
    #[error("body is {size_bytes} bytes; the limit is {MAX_BODY_BYTES}")]
    BodyTooLarge {
        /// The size in bytes.
        size_bytes: u64,
    },
    /// The body is not JSON, not an object, or has a member that is unknown or given twice.
    #[error("the body is not a JSON object of fileName, contentType, size and sha256: {0}")]
    Json(#[from] serde_json::Error),
    /// A required member is missing.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// A member has another type.
    #[error("`{member}` is not {expected}")]
    Type {
        /// The member's name.
        member: &'static str,
        /// The expected value.
        expected: &'static str,
    },
    /// See [`FileNameError`].
    #[error("`fileName`: {0}")]
    FileName(#[from] FileNameError),
    /// The media type is not one of [`MediaType::ALL`].
    #[error("`contentType` is {0:?}; send one of: {types}", types = MediaType::ALL.map(MediaType::mime).join(", "))]
    ContentType(String),
    /// The file is larger than the worker's limit.
    #[error("`size` is {size_bytes} bytes; the limit is {max_image_bytes}")]
    FileTooLarge {
        /// The size in bytes.
        size_bytes: u64,
        /// The limit in bytes.
        max_image_bytes: u64,
    },
    /// See [`InvalidSha256Sum`].
    #[error("`sha256`: {0}")]
    Sha256(#[from] InvalidSha256Sum),
}

/// The members as any JSON, so that the error for a wrong type can name its member.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Members {
    file_name: Option<Value>,
    content_type: Option<Value>,
    size: Option<Value>,
    sha256: Option<Value>,
}

impl PresignRequestBody {
    /// Parses the body. `max_image_bytes` is the limit of `size`. A member that is `null` counts as
    /// absent.
    pub(crate) fn read(
        body: Result<Vec<u8>, NotBase64>,
        max_image_bytes: u64,
    ) -> Result<Self, PresignRequestError> {
        let body = body?;
        let size_bytes = u64::try_from(body.len()).unwrap_or(u64::MAX);
        if size_bytes > MAX_BODY_BYTES {
            return Err(PresignRequestError::BodyTooLarge { size_bytes });
        }
        let members: Members = serde_json::from_slice(&body)?;
        let content_type = text("contentType", members.content_type)?
            .ok_or(PresignRequestError::Missing("contentType"))?;
        Ok(Self {
            file_name: text("fileName", members.file_name)?
                .map(|name| FileName::parse(&name))
                .transpose()?,
            file: PresignRequest {
                media_type: MediaType::ALL
                    .into_iter()
                    .find(|media_type| media_type.mime() == content_type)
                    .ok_or(PresignRequestError::ContentType(content_type))?,
                size_bytes: size(members.size, max_image_bytes)?,
                sha256: text("sha256", members.sha256)?
                    .map(|sum| Sha256Sum::parse(&sum))
                    .transpose()?,
            },
        })
    }
}

fn text(member: &'static str, value: Option<Value>) -> Result<Option<String>, PresignRequestError> {
    match value {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(PresignRequestError::Type {
            member,
            expected: "text",
        }),
    }
}

fn size(value: Option<Value>, max_image_bytes: u64) -> Result<u64, PresignRequestError> {
    let value = value.ok_or(PresignRequestError::Missing("size"))?;
    match value.as_u64() {
        None | Some(0) => Err(PresignRequestError::Type {
            member: "size",
            expected: "a whole number of bytes, at least 1",
        }),
        Some(size_bytes) if size_bytes > max_image_bytes => {
            Err(PresignRequestError::FileTooLarge {
                size_bytes,
                max_image_bytes,
            })
        }
        Some(size_bytes) => Ok(size_bytes),
    }
}

impl From<PresignRequestError> for Problem {
    fn from(error: PresignRequestError) -> Self {
        let kind = match error {
            PresignRequestError::Encoding(_) => ProblemType::BodyEncoding,
            PresignRequestError::BodyTooLarge { .. } | PresignRequestError::FileTooLarge { .. } => {
                ProblemType::BodyTooLarge
            }
            PresignRequestError::Json(_)
            | PresignRequestError::Missing(_)
            | PresignRequestError::Type { .. }
            | PresignRequestError::Sha256(_) => ProblemType::BodyInvalid,
            PresignRequestError::FileName(_) => ProblemType::FileNameInvalid,
            PresignRequestError::ContentType(_) => ProblemType::UnsupportedFormat,
        };
        Self::new(kind, error.to_string())
    }
}

#[cfg(test)]
mod tests;
