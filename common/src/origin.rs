//! The request that uploaded an original. It ties the worker's log to the log of that request.
//!
//! S3's events carry nothing of a request, so the request id and the trace travel as metadata of
//! the object. A user can write metadata with their own credentials. So a value that is not exactly
//! a request id or a trace is ignored; a forged one reaches a log line and nothing else.
//!
//! A presigned PUT sets no such metadata, because the client would have to send it. The image id,
//! which is in both logs, ties these together.

use std::collections::HashMap;

/// The metadata key without the prefix `x-amz-meta-`, which the SDK adds and removes.
const REQUEST: &str = "hikidashi-request";
const TRACE: &str = "hikidashi-trace";

/// A request id and its trace, as far as they are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UploadContext {
    request: Option<String>,
    trace: Option<String>,
}

impl UploadContext {
    /// Creates the context of a request to a function. `trace` is X-Ray's header.
    pub fn new(request_id: &str, trace: Option<&str>) -> Self {
        Self {
            request: Some(request_id.to_owned()).filter(|id| is_request_id(id)),
            trace: trace.filter(|trace| is_trace(trace)).map(str::to_owned),
        }
    }

    /// Reads the context from an object's metadata.
    pub fn from_metadata(metadata: Option<&HashMap<String, String>>) -> Self {
        let value = |name| metadata?.get(name).map(String::as_str);
        Self::new(value(REQUEST).unwrap_or_default(), value(TRACE))
    }

    /// Formats the context as an object's metadata.
    pub fn to_metadata(&self) -> HashMap<String, String> {
        [(REQUEST, &self.request), (TRACE, &self.trace)]
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)))
            .collect()
    }

    /// Returns the request id, which the upload's response carries too.
    pub fn request_id(&self) -> Option<&str> {
        self.request.as_deref()
    }

    /// Returns X-Ray's header of the upload: `Root=1-…;Parent=…;Sampled=1`.
    pub fn trace(&self) -> Option<&str> {
        self.trace.as_deref()
    }
}

/// Whether a text is a UUID, in any version, as Lambda writes request ids.
fn is_request_id(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Whether a text is an X-Ray header: `Root`, and what may follow it. See "X-Ray tracing header" in
/// the developer guide.
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
            // Lambda adds `Lineage`. It is of no use elsewhere, but harmless.
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
