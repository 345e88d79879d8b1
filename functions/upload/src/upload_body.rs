//! The file in an upload request: its bytes and its name.

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use bytes::Bytes;
use common::{
    file_name::{FileName, FileNameError},
    http_api::header_of,
    problem::{Problem, ProblemType},
};
use thiserror::Error;

use crate::{
    content_disposition,
    event::{Event, NotBase64},
};

/// The file of an upload.
#[derive(Debug)]
pub(crate) struct UploadBody {
    /// The bytes: at least one, and fewer than the limit of the body if it is a form.
    pub bytes: Vec<u8>,
    /// The name, from `?name=`, the form or `Content-Disposition`, in this order.
    pub file_name: Option<FileName>,
}

/// The reason why a request has no usable file.
#[derive(Debug, Error)]
pub(crate) enum UploadBodyError {
    /// The gateway's base64 does not decode.
    #[error(transparent)]
    Encoding(#[from] NotBase64),
    /// The body, or the file part, is empty.
    #[error(
        "the request has no file: send the image's bytes as the body, or as the form field `file`"
    )]
    Empty,
    /// The body is larger than a Lambda request can be.
    #[error(
        "body is {size_bytes} bytes; the limit is {max_upload_bytes}. Larger files go straight to S3: ask POST /upload/presign for a URL"
    )]
    TooLarge {
        /// The size in bytes.
        size_bytes: u64,
        /// The limit in bytes.
        max_upload_bytes: u64,
    },
    /// The form has no field `file`, or does not parse.
    #[error("the form is not usable: {0}")]
    Form(String),
    /// See [`FileNameError`].
    #[error(transparent)]
    FileName(#[from] FileNameError),
}

impl UploadBody {
    /// Reads the file, which is the whole body or a part of a form (`curl -F file=@photo.jpg`).
    pub(crate) async fn read(event: Event, max_upload_bytes: u64) -> Result<Self, UploadBodyError> {
        let body = event.body?;
        within(body.len(), max_upload_bytes)?;
        let request = &event.request;
        let content_type = header_of(request, "content-type").unwrap_or_default();
        let (bytes, form_name) = match multer::parse_boundary(content_type) {
            Ok(boundary) => file_part(body, boundary).await?,
            Err(_) => (body, None),
        };
        if bytes.is_empty() {
            return Err(UploadBodyError::Empty);
        }
        let name = query_name(request)
            .or(form_name)
            .or_else(|| header_name(request));
        Ok(Self {
            bytes,
            file_name: name.as_deref().map(FileName::parse).transpose()?,
        })
    }
}

fn within(length: usize, max_upload_bytes: u64) -> Result<(), UploadBodyError> {
    let size_bytes = u64::try_from(length).unwrap_or(u64::MAX);
    if size_bytes > max_upload_bytes {
        Err(UploadBodyError::TooLarge {
            size_bytes,
            max_upload_bytes,
        })
    } else {
        Ok(())
    }
}

async fn file_part(
    body: Vec<u8>,
    boundary: String,
) -> Result<(Vec<u8>, Option<String>), UploadBodyError> {
    let unusable = |error: multer::Error| UploadBodyError::Form(error.to_string());
    let whole = futures_util::stream::iter([Ok::<_, std::convert::Infallible>(Bytes::from(body))]);
    let mut form = multer::Multipart::new(whole, boundary);
    while let Some(field) = form.next_field().await.map_err(unusable)? {
        if field.name() == Some("file") {
            let name = field
                .file_name()
                .filter(|name| !name.is_empty())
                .map(str::to_owned);
            let bytes = field.bytes().await.map_err(unusable)?;
            return Ok((bytes.into(), name));
        }
    }
    Err(UploadBodyError::Form("it has no field `file`".to_owned()))
}

/// Reads the name from the raw query, because it is open how the gateway's decoded map treats a
/// name given twice.
fn query_name(request: &ApiGatewayV2httpRequest) -> Option<String> {
    let query = request.raw_query_string.as_deref().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "name")
        .map(|(_, value)| value.into_owned())
}

/// Reads the name from the header. Its value may have raw UTF-8, which is not visible ASCII.
fn header_name(request: &ApiGatewayV2httpRequest) -> Option<String> {
    let value = request.headers.get("content-disposition")?;
    content_disposition::file_name(std::str::from_utf8(value.as_bytes()).ok()?)
}

impl From<UploadBodyError> for Problem {
    fn from(error: UploadBodyError) -> Self {
        let kind = match &error {
            UploadBodyError::Encoding(_) => ProblemType::BodyEncoding,
            UploadBodyError::Empty => ProblemType::BodyEmpty,
            UploadBodyError::TooLarge { .. } => ProblemType::BodyTooLarge,
            UploadBodyError::Form(_) => ProblemType::FormInvalid,
            UploadBodyError::FileName(_) => ProblemType::FileNameInvalid,
        };
        Self::new(kind, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(headers: &[(&'static str, &str)], query: &str, body: &[u8]) -> Event {
        let mut request = ApiGatewayV2httpRequest::default();
        request.raw_query_string = Some(query.to_owned());
        for (name, value) in headers {
            request.headers.insert(*name, value.parse().unwrap());
        }
        Event {
            request,
            body: Ok(body.to_vec()),
        }
    }

    fn form(file: &[u8]) -> Vec<u8> {
        let head = "--b\r\nContent-Disposition: form-data; name=\"album\"\r\n\r\nx\r\n--b\r\n\
                    Content-Disposition: form-data; name=\"file\"; filename=\"form.jpg\"\r\n\r\n";
        [head.as_bytes(), file, b"\r\n--b--\r\n"].concat()
    }

    const FORM: (&str, &str) = ("content-type", "multipart/form-data; boundary=b");

    #[tokio::test]
    async fn the_whole_body_is_the_file() {
        let payload = UploadBody::read(event(&[], "", b"\xFF\xD8"), 2)
            .await
            .unwrap();
        assert_eq!(
            (payload.bytes, payload.file_name),
            (b"\xFF\xD8".to_vec(), None)
        );
    }

    #[tokio::test]
    async fn a_form_s_file_part_is_the_file() {
        let payload = UploadBody::read(event(&[FORM], "", &form(b"\xFF\r\n\xD8")), 999)
            .await
            .unwrap();
        assert_eq!(payload.bytes, b"\xFF\r\n\xD8");
        assert_eq!(payload.file_name.unwrap().as_str(), "form.jpg");
    }

    #[tokio::test]
    async fn the_query_s_name_beats_the_form_s_which_beats_the_header_s() {
        let header = ("content-disposition", "attachment; filename=header.jpg");
        for (event, name) in [
            (
                event(&[FORM, header], "x=1&name=%E5%BC%95+1.jpg", &form(b"x")),
                "引 1.jpg",
            ),
            (event(&[FORM, header], "", &form(b"x")), "form.jpg"),
            (event(&[header], "", b"x"), "header.jpg"),
        ] {
            assert_eq!(
                UploadBody::read(event, 999)
                    .await
                    .unwrap()
                    .file_name
                    .unwrap()
                    .as_str(),
                name
            );
        }
    }

    #[tokio::test]
    async fn a_body_that_is_not_base64_is_an_encoding_error() {
        let mut event = event(&[], "", b"");
        event.body = Err(NotBase64);
        assert!(matches!(
            UploadBody::read(event, 999).await,
            Err(UploadBodyError::Encoding(NotBase64))
        ));
    }

    #[tokio::test]
    async fn nothing_is_no_file() {
        for event in [event(&[], "", b""), event(&[FORM], "", &form(b""))] {
            assert!(matches!(
                UploadBody::read(event, 999).await,
                Err(UploadBodyError::Empty)
            ));
        }
    }

    #[tokio::test]
    async fn a_form_without_a_file_or_without_an_end_is_not_usable() {
        let whole = form(b"xyz");
        for body in [
            &b"--b\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\nx\r\n--b--\r\n"[..],
            &whole[..whole.len() - 9],
            b"junk",
        ] {
            assert!(matches!(
                UploadBody::read(event(&[FORM], "", body), 999).await,
                Err(UploadBodyError::Form(_))
            ));
        }
    }

    #[tokio::test]
    async fn the_limit_is_on_the_whole_body_and_names_the_other_way() {
        let form = form(b"123");
        let length = form.len();
        let limit = u64::try_from(length).unwrap();
        let read = UploadBody::read(event(&[FORM], "", &form), limit).await;
        assert_eq!(read.unwrap().bytes, b"123");
        for (event, length, limit) in [
            (event(&[], "", b"1234"), 4, 3),
            (event(&[FORM], "", &form), limit, limit - 1),
        ] {
            let error = UploadBody::read(event, limit).await.unwrap_err();
            assert!(
                matches!(
                    error,
                    UploadBodyError::TooLarge {
                        size_bytes,
                        max_upload_bytes
                    } if (size_bytes, max_upload_bytes) == (length, limit)
                ),
                "{error}"
            );
            assert!(error.to_string().contains("POST /upload/presign"));
        }
    }

    #[tokio::test]
    async fn a_bad_name_is_refused_and_not_mended() {
        let event = event(&[], "name=..%2Fa.jpg", b"x");
        assert!(matches!(
            UploadBody::read(event, 999).await,
            Err(UploadBodyError::FileName(FileNameError::Path))
        ));
    }
}
