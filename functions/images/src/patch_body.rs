//! The body of a `PATCH`.

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use base64::{Engine, engine::general_purpose::STANDARD};
use common::{
    caption::{Caption, CaptionError},
    changes::{FieldUpdate, ImagePatch},
    file_name::{FileName, FileNameError},
};
use serde::Deserialize;
use serde_json::{Map, Value};
use thiserror::Error;

/// The reason why a body is refused.
#[derive(Debug, Error)]
pub(crate) enum BodyError {
    /// The gateway's base64 does not decode.
    #[error("the body is marked as base64 but does not decode")]
    Encoding,
    /// The body is not JSON, not an object, or has other members.
    #[error("the body is not {SHAPE}: {0}")]
    Shape(#[source] serde_json::Error),
    /// The body is an object without members.
    #[error("the body changes nothing; it is {SHAPE}")]
    Nothing,
    /// See [`FileNameError`].
    #[error(transparent)]
    FileName(#[from] FileNameError),
    /// See [`CaptionError`].
    #[error(transparent)]
    Caption(#[from] CaptionError),
}

const SHAPE: &str = r#"{"fileName"?: text or null, "caption"?: text or null}"#;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Body {
    #[serde(default)]
    file_name: FieldUpdate<String>,
    #[serde(default)]
    caption: FieldUpdate<String>,
}

/// Parses the changes. An absent member leaves the attribute as it is, and `null` removes it.
pub(crate) fn parse(request: &ApiGatewayV2httpRequest) -> Result<ImagePatch, BodyError> {
    let text = request.body.as_deref().unwrap_or_default();
    if request.is_base64_encoded {
        let bytes = STANDARD.decode(text).map_err(|_| BodyError::Encoding)?;
        parse_json(&bytes)
    } else {
        parse_json(text.as_bytes())
    }
}

fn parse_json(bytes: &[u8]) -> Result<ImagePatch, BodyError> {
    // Parsed through a map, because a struct would accept an array too.
    let members: Map<String, Value> = serde_json::from_slice(bytes).map_err(BodyError::Shape)?;
    let body: Body = serde_json::from_value(Value::Object(members)).map_err(BodyError::Shape)?;
    let changes = ImagePatch {
        file_name: body.file_name.try_map(|text| FileName::parse(&text))?,
        caption: body.caption.try_map(|text| Caption::parse(&text))?,
    };
    if changes == ImagePatch::default() {
        return Err(BodyError::Nothing);
    }
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_set_removed_or_kept() {
        let changes = parse_json(br#"{"fileName": "a.jpg", "caption": null}"#).unwrap();
        assert_eq!(
            changes.file_name,
            FieldUpdate::Set(FileName::parse("a.jpg").unwrap())
        );
        assert_eq!(changes.caption, FieldUpdate::Remove);
        assert_eq!(
            parse_json(br#"{"caption": "x"}"#).unwrap().file_name,
            FieldUpdate::Keep
        );
    }

    #[test]
    fn a_body_of_another_shape_is_refused() {
        for json in [
            "",
            "null",
            "[]",
            r#"["a.jpg", "x"]"#,
            r#""caption""#,
            r#"{"caption": 1}"#,
            r#"{"caption": "x", "status": "ready"}"#,
            r#"{"caption": "x"} x"#,
        ] {
            assert!(
                matches!(parse_json(json.as_bytes()), Err(BodyError::Shape(_))),
                "{json}"
            );
        }
        assert!(matches!(parse_json(b"{}"), Err(BodyError::Nothing)));
        assert!(matches!(parse_json(b"\xFF"), Err(BodyError::Shape(_))));
    }

    #[test]
    fn a_bad_value_is_refused_in_the_words_of_its_type() {
        assert!(matches!(
            parse_json(br#"{"fileName": "../a.jpg"}"#),
            Err(BodyError::FileName(FileNameError::Path))
        ));
        assert!(matches!(
            parse_json(br#"{"caption": ""}"#),
            Err(BodyError::Caption(CaptionError::Empty))
        ));
    }
}
