//! Gzip compression of responses.

use std::io::Write;

use aws_lambda_events::{
    apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse},
    encodings::Body,
    http::{
        HeaderValue,
        header::{ACCEPT_ENCODING, CONTENT_ENCODING, VARY},
    },
};
use common::http_api::header_of;
use flate2::{Compression, write::GzEncoder};

/// The minimum of a compressed body. A shorter one fits into one packet uncompressed.
const WORTH_IT_BYTES: usize = 1024;

/// Compresses a body for a client that accepts gzip; an HTTP API does not do that by itself.
///
/// Nine tenths of a listing are URLs, which all have the same session token. The fastest level
/// leaves a tenth of the listing. The best level takes three times as long for a hundredth more.
pub(crate) fn compressed_for(
    request: &ApiGatewayV2httpRequest,
    mut response: ApiGatewayV2httpResponse,
) -> ApiGatewayV2httpResponse {
    let names = HeaderValue::from_static(ACCEPT_ENCODING.as_str());
    response.headers.insert(VARY, names);
    if !header_of(request, ACCEPT_ENCODING.as_str()).is_some_and(takes_gzip) {
        return response;
    }
    let gzipped = match &response.body {
        Some(Body::Text(text)) if text.len() >= WORTH_IT_BYTES => gzip(text.as_bytes()),
        _ => return response,
    };
    match gzipped {
        Ok(bytes) => {
            let gzip = HeaderValue::from_static("gzip");
            response.headers.insert(CONTENT_ENCODING, gzip);
            response.body = Some(Body::Binary(bytes));
            response.is_base64_encoded = true;
        }
        // The uncompressed response is complete too.
        Err(error) => tracing::warn!(%error, "response does not compress; sent uncompressed"),
    }
    response
}

fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// Whether `Accept-Encoding` allows gzip: by name, or else by `*`, and not with a weight of 0 (RFC
/// 9110, section 12.5.3).
fn takes_gzip(header: &str) -> bool {
    let weight_of = |name: &str| {
        header.split(',').find_map(|entry| {
            let mut parts = entry.split(';').map(str::trim);
            let is_it = parts.next()?.eq_ignore_ascii_case(name);
            is_it.then(|| parts.find_map(weight).unwrap_or(1.0))
        })
    };
    weight_of("gzip")
        .or_else(|| weight_of("*"))
        .is_some_and(|weight| weight > 0.0)
}

/// Parses a weight such as `q=0.5`. `None` for an invalid number, which allows nothing.
fn weight(parameter: &str) -> Option<f32> {
    let (name, value) = parameter.split_once('=')?;
    name.eq_ignore_ascii_case("q")
        .then(|| value.parse().unwrap_or(0.0))
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use common::http_api::Response;
    use flate2::read::GzDecoder;

    use super::*;

    fn answer(bytes: usize, accepts: Option<&str>) -> ApiGatewayV2httpResponse {
        let mut request = ApiGatewayV2httpRequest::default();
        if let Some(accepts) = accepts {
            let value = HeaderValue::from_str(accepts).unwrap();
            request.headers.insert(ACCEPT_ENCODING, value);
        }
        // The JSON string adds two quotes.
        let response = Response::json(200, &"x".repeat(bytes - 2)).unwrap();
        compressed_for(&request, response.into_gateway("r1"))
    }

    #[test]
    fn a_long_body_comes_out_as_it_went_in() {
        let answer = answer(100_000, Some("gzip, deflate, br, zstd"));
        assert_eq!(answer.headers[CONTENT_ENCODING], "gzip");
        assert_eq!(answer.headers[VARY], "accept-encoding");
        assert!(answer.is_base64_encoded);
        let Some(Body::Binary(bytes)) = answer.body else {
            panic!("{:?}", answer.body);
        };
        assert!(bytes.len() < 1000, "{}", bytes.len());
        let mut text = String::new();
        GzDecoder::new(&bytes[..])
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(text.len(), 100_000);
    }

    #[test]
    fn a_short_body_and_one_for_a_client_that_takes_no_gzip_stay_text() {
        for (bytes, accepts) in [
            (WORTH_IT_BYTES - 1, Some("gzip")),
            (WORTH_IT_BYTES, Some("identity")),
            (WORTH_IT_BYTES, None),
        ] {
            let answer = answer(bytes, accepts);
            assert!(!answer.headers.contains_key(CONTENT_ENCODING));
            assert_eq!(answer.headers[VARY], "accept-encoding");
            assert!(!answer.is_base64_encoded);
            assert!(matches!(answer.body, Some(Body::Text(text)) if text.len() == bytes));
        }
        let shortest = answer(WORTH_IT_BYTES, Some("gzip"));
        assert!(shortest.is_base64_encoded);
    }

    #[test]
    fn the_header_is_read_as_the_standard_has_it() {
        for header in [
            "gzip",
            "GZip",
            "deflate, gzip;q=1.0, *;q=0.5",
            "br;q=1.0, gzip; q=0.001",
            "*",
            "identity;q=0.5, *;Q=0.1",
        ] {
            assert!(takes_gzip(header), "{header}");
        }
        for header in [
            "",
            "identity",
            "gzip;q=0",
            "gzip;q=0.000, *",
            "gzip;q=much",
            "*;q=0",
            "gzippy",
        ] {
            assert!(!takes_gzip(header), "{header}");
        }
    }
}
