//! Where an original came from: what ties the worker's log to that of the request.
//!
//! S3's events carry nothing of a request, so it travels as metadata of the object. A user can write metadata too, with
//! their own credentials; what is not exactly an id or a trace is therefore not read, and would be worth nothing but a
//! line of log if it were.
//!
//! A put with a presigned URL brings none of it, because its sender would have to send it along. The image's id, which is in
//! both logs, ties these together.

use std::collections::HashMap;

/// Without the prefix `x-amz-meta-`, which the SDK adds and takes off.
const REQUEST: &str = "hikidashi-request";
const TRACE: &str = "hikidashi-trace";

/// A request and its trace, as far as they are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UploadContext {
    request: Option<String>,
    trace: Option<String>,
}

impl UploadContext {
    /// Of a request to a function. `trace` is X-Ray's header.
    pub fn new(request_id: &str, trace: Option<&str>) -> Self {
        Self {
            request: Some(request_id.to_owned()).filter(|id| is_request_id(id)),
            trace: trace.filter(|trace| is_trace(trace)).map(str::to_owned),
        }
    }

    /// Of an object.
    pub fn from_metadata(metadata: Option<&HashMap<String, String>>) -> Self {
        let value = |name| metadata?.get(name).map(String::as_str);
        Self::new(value(REQUEST).unwrap_or_default(), value(TRACE))
    }

    /// For an object.
    pub fn to_metadata(&self) -> HashMap<String, String> {
        [(REQUEST, &self.request), (TRACE, &self.trace)]
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)))
            .collect()
    }

    /// The id that the upload's caller was told.
    pub fn request_id(&self) -> Option<&str> {
        self.request.as_deref()
    }

    /// X-Ray's header of the upload: `Root=1-…;Parent=…;Sampled=1`.
    pub fn trace(&self) -> Option<&str> {
        self.trace.as_deref()
    }
}

/// A UUID, in any version, as Lambda writes it.
fn is_request_id(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// `Root`, and what may follow it; see "X-Ray tracing header" in its developer guide.
fn is_trace(text: &str) -> bool {
    let is_hex = |text: &str, digits| {
        text.len() == digits && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let is_root = |text: &str| match text
        .strip_prefix("Root=1-")
        .and_then(|id| id.split_once('-'))
    {
        Some((time, unique)) => is_hex(time, 8) && is_hex(unique, 24),
        None => false,
    };
    let mut parts = text.split(';');
    parts.next().is_some_and(is_root)
        && parts.all(|part| match part.split_once('=') {
            Some(("Parent", id)) => is_hex(id, 16),
            Some(("Sampled", decision)) => decision == "0" || decision == "1",
            // Lambda adds it; it is of no use elsewhere, but harmless.
            Some(("Lineage", path)) => {
                path.len() <= 64
                    && path
                        .bytes()
                        .all(|byte| byte.is_ascii_hexdigit() || byte == b':' || byte == b'|')
            }
            _ => false,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef";
    const HEADER: &str = "Root=1-65f00000-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=1;Lineage=1:2f1b6c47:0";

    #[test]
    fn it_survives_its_metadata() {
        for origin in [
            UploadContext::new(ID, Some(HEADER)),
            UploadContext::new(ID, None),
            UploadContext::default(),
        ] {
            assert_eq!(
                UploadContext::from_metadata(Some(&origin.to_metadata())),
                origin
            );
        }
        assert_eq!(UploadContext::new(ID, Some(HEADER)).trace(), Some(HEADER));
        assert_eq!(UploadContext::from_metadata(None), UploadContext::default());
    }

    #[test]
    fn what_a_user_made_up_is_not_read() {
        for id in [
            "",
            "x",
            "c6af9ac6-7b61-11e6-9a41-93e8deadbee\n",
            "{\"a\":1}",
        ] {
            assert_eq!(UploadContext::new(id, None).request_id(), None, "{id:?}");
        }
        for trace in [
            "",
            "Root=1-65f00000-0123456789abcdef0123456",
            "Root=1-65f00000-0123456789abcdef01234567;Parent=a b",
            "Root=1-65f00000-0123456789abcdef01234567;Secret=1",
            "Root=1-65f00000-0123456789abcdef01234567;",
        ] {
            assert_eq!(
                UploadContext::new(ID, Some(trace)).trace(),
                None,
                "{trace:?}"
            );
        }
    }
}
