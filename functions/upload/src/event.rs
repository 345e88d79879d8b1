//! The gateway's event, with the body decoded while the event is parsed.
//!
//! By default, the body would be copied out of the event as text and decoded from there. For each
//! large upload, that is 5 MB more to write and to keep, of the function's 256 MB.

use std::{borrow::Cow, fmt};

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use base64_simd::STANDARD;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IntoDeserializer, MapAccess, Visitor, value::MapAccessDeserializer},
};
use thiserror::Error;

/// The error for a body that is marked as base64 but does not decode.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the body is marked as base64 but does not decode")]
pub(crate) struct NotBase64;

/// A request to the upload function.
#[derive(Debug)]
pub(crate) struct Event {
    /// The request without its body.
    pub request: ApiGatewayV2httpRequest,
    /// The decoded body; empty if there is none.
    pub body: Result<Vec<u8>, NotBase64>,
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EventVisitor)
    }
}

struct EventVisitor;

impl<'de> Visitor<'de> for EventVisitor {
    type Value = Event;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event of an HTTP API")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Event, A::Error> {
        let mut body = None;
        let rest = WithoutBody {
            map,
            body: &mut body,
        };
        let request = ApiGatewayV2httpRequest::deserialize(MapAccessDeserializer::new(rest))?;
        // Decoded last, because `isBase64Encoded` comes after the body.
        let text = body.map(|Text(text)| text).unwrap_or_default();
        let body = if request.is_base64_encoded {
            STANDARD
                .decode_to_vec(text.as_bytes())
                .map_err(|_| NotBase64)
        } else {
            Ok(text.into_owned().into_bytes())
        };
        Ok(Event { request, body })
    }
}

/// A text that is borrowed from the event, unless it has escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// A map access that sets `body` aside and passes on all other members.
struct WithoutBody<'b, 'de, A> {
    map: A,
    body: &'b mut Option<Text<'de>>,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for WithoutBody<'_, 'de, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        while let Some(key) = self.map.next_key::<String>()? {
            if key == "body" {
                *self.body = self.map.next_value()?;
            } else {
                return seed.deserialize(key.into_deserializer()).map(Some);
            }
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parses the smallest event that the events crate accepts as a request.
    fn event(members: &str) -> Event {
        let text = format!(
            r#"{{{members} "headers": {{"content-type": "image/png"}}, "rawQueryString": "name=a", "requestContext": {{"http": {{"method": "POST"}}}}}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn the_body_is_decoded_whether_its_encoding_is_named_before_or_behind_it() {
        for members in [
            r#""body": "/9g=", "isBase64Encoded": true,"#,
            r#""isBase64Encoded": true, "body": "\/9g=","#,
        ] {
            let event = event(members);
            assert_eq!(event.body, Ok(vec![0xFF, 0xD8]));
            assert_eq!(event.request.body, None);
            assert_eq!(event.request.headers["content-type"], "image/png");
            assert_eq!(event.request.raw_query_string.as_deref(), Some("name=a"));
        }
    }

    #[test]
    fn a_plain_body_is_its_text_and_no_body_is_empty() {
        for (members, body) in [
            (r#""body": "{\"a\"}", "isBase64Encoded": false,"#, "{\"a\"}"),
            (r#""body": null, "isBase64Encoded": false,"#, ""),
            (r#""isBase64Encoded": true,"#, ""),
        ] {
            assert_eq!(
                event(members).body,
                Ok(body.as_bytes().to_vec()),
                "{members}"
            );
        }
    }

    #[test]
    fn what_is_not_base64_is_known_as_such() {
        let event = event(r#""body": "not base64!", "isBase64Encoded": true,"#);
        assert_eq!(event.body, Err(NotBase64));
    }
}
