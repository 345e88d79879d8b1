//! Conditional requests: `ETag` and `If-None-Match`.

use aws_lambda_events::{
    apigw::ApiGatewayV2httpRequest,
    http::header::{ETAG, IF_NONE_MATCH},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use common::http_api::{Response, header_of};
use sha2::{Digest, Sha256};

/// Adds the `ETag`, or turns the response into a 304 for a client that sent the tag in
/// `If-None-Match`.
///
/// The tag is of the body with its URLs. These stay the same for a while, and when they change, the
/// client needs the new ones. The tag is weak, because the body is sent with gzip or without.
pub(crate) fn revalidated(request: &ApiGatewayV2httpRequest, response: Response) -> Response {
    let tag = tag_of(response.body());
    let is_known =
        header_of(request, IF_NONE_MATCH.as_str()).is_some_and(|header| names(header, &tag));
    if is_known {
        Response::empty(304).with(ETAG, &tag)
    } else {
        response.with(ETAG, &tag)
    }
}

/// Half of a SHA-256 is long enough.
fn tag_of(body: &str) -> String {
    let hash: [u8; 32] = Sha256::digest(body).into();
    format!("W/\"{}\"", URL_SAFE_NO_PAD.encode(&hash[..16]))
}

/// Whether `If-None-Match` has the tag. The header is a list of tags, or `*` for any. It compares
/// weakly (RFC 9110, section 13.1.2), so `W/` is skipped. The tags of this function have no comma.
fn names(header: &str, tag: &str) -> bool {
    header
        .split(',')
        .map(str::trim)
        .any(|given| given == "*" || opaque(given) == opaque(tag))
}

fn opaque(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_in_every_spelling_of_the_header() {
        let tag = tag_of("{}");
        for header in [
            tag.clone(),
            "*".to_owned(),
            opaque(&tag).to_owned(),
            format!("\"other\", {tag}"),
            format!("\"other\",{tag},\"third\""),
        ] {
            assert!(names(&header, &tag), "{header}");
        }
    }

    #[test]
    fn another_tag_is_not() {
        let tag = tag_of("{}");
        let unquoted = opaque(&tag).trim_matches('"');
        for header in ["", "\"\"", unquoted, "\"other\"", &tag_of("{ }")] {
            assert!(!names(header, &tag), "{header}");
        }
    }

    #[test]
    fn a_tag_is_quoted_and_has_128_bits() {
        // 22 digits of six bits, and two quotes.
        assert_eq!(opaque(&tag_of("{}")).len(), 24);
    }
}
