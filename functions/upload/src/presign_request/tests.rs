//! Tests with valid and invalid presign requests, one row for each.

use serde_json::json;

use super::*;

const MAX_BYTES: u64 = 67_108_864;
const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const BASE64: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

fn read(body: &str) -> Result<PresignRequestBody, Problem> {
    PresignRequestBody::read(Ok(body.as_bytes().to_vec()), MAX_BYTES).map_err(Problem::from)
}

fn good() -> Value {
    json!({"fileName": "a.jpg", "contentType": "image/jpeg", "size": 1})
}

fn with(name: &str, value: Value) -> String {
    let mut body = good();
    body[name] = value;
    body.to_string()
}

fn without(name: &str) -> String {
    let mut body = good();
    body.as_object_mut().unwrap().remove(name);
    body.to_string()
}

#[test]
fn a_file_is_announced_by_type_and_size() {
    let presign_request = read(&with("size", json!(MAX_BYTES))).unwrap();
    assert_eq!(presign_request.file_name.unwrap().as_str(), "a.jpg");
    let file = presign_request.file;
    assert_eq!(
        (file.media_type, file.size_bytes, file.sha256),
        (MediaType::Jpeg, MAX_BYTES, None)
    );
}

#[test]
fn every_type_that_becomes_thumbnails_can_be_announced() {
    for media_type in MediaType::ALL {
        let body = with("contentType", json!(media_type.mime()));
        assert_eq!(read(&body).unwrap().file.media_type, media_type);
    }
}

#[test]
fn a_sum_may_come_in_either_spelling() {
    for text in [HEX, BASE64] {
        let sum = read(&with("sha256", json!(text))).unwrap().file.sha256;
        assert_eq!(sum.unwrap().to_base64(), BASE64);
    }
}

#[test]
fn what_may_be_missing_may_be_null() {
    for body in [without("fileName"), with("fileName", Value::Null)] {
        assert!(read(&body).unwrap().file_name.is_none(), "{body}");
    }
    assert!(
        read(&with("sha256", Value::Null))
            .unwrap()
            .file
            .sha256
            .is_none()
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table with one row for each body")]
fn every_bad_body_is_a_problem_that_names_the_member_and_what_it_may_be() {
    use ProblemType::{BodyInvalid, BodyTooLarge, FileNameInvalid, UnsupportedFormat};
    for (body, kind, words) in [
        (
            String::new(),
            BodyInvalid,
            "fileName, contentType, size and sha256",
        ),
        ("hello".into(), BodyInvalid, "JSON"),
        ("[1]".into(), BodyInvalid, "JSON"),
        ("null".into(), BodyInvalid, "JSON"),
        (good().to_string() + "x", BodyInvalid, "trailing"),
        (
            r#"{"size": 1, "size": 2}"#.into(),
            BodyInvalid,
            "duplicate field `size`",
        ),
        (
            with("filename", json!("a")),
            BodyInvalid,
            "unknown field `filename`",
        ),
        (
            with("identityId", json!("a")),
            BodyInvalid,
            "unknown field `identityId`",
        ),
        ("{}".into(), BodyInvalid, "`contentType` is missing"),
        (
            without("contentType"),
            BodyInvalid,
            "`contentType` is missing",
        ),
        (without("size"), BodyInvalid, "`size` is missing"),
        (with("size", Value::Null), BodyInvalid, "`size` is missing"),
        (
            with("size", json!(0)),
            BodyInvalid,
            "`size` is not a whole number of bytes, at least 1",
        ),
        (
            with("size", json!(-1)),
            BodyInvalid,
            "`size` is not a whole number",
        ),
        (
            with("size", json!(1.5)),
            BodyInvalid,
            "`size` is not a whole number",
        ),
        (
            with("size", json!("1")),
            BodyInvalid,
            "`size` is not a whole number",
        ),
        (
            with("size", json!([1])),
            BodyInvalid,
            "`size` is not a whole number",
        ),
        (
            with("size", json!(MAX_BYTES + 1)),
            BodyTooLarge,
            "`size` is 67108865 bytes; the limit is 67108864",
        ),
        (
            with("size", json!(u64::MAX)),
            BodyTooLarge,
            "the limit is 67108864",
        ),
        (
            with("contentType", json!(1)),
            BodyInvalid,
            "`contentType` is not text",
        ),
        (
            with("contentType", json!("")),
            UnsupportedFormat,
            "image/jpeg, image/png, image/webp, image/gif, image/heic, image/avif",
        ),
        (
            with("contentType", json!("image/svg+xml")),
            UnsupportedFormat,
            "`contentType` is \"image/svg+xml\"",
        ),
        (
            with("contentType", json!("image/jpeg; q=1")),
            UnsupportedFormat,
            "`contentType`",
        ),
        (
            with("contentType", json!("IMAGE/JPEG")),
            UnsupportedFormat,
            "`contentType`",
        ),
        (
            with("contentType", json!("image/png\r\nx-amz-acl: public-read")),
            UnsupportedFormat,
            "`contentType`",
        ),
        (
            with("fileName", json!(7)),
            BodyInvalid,
            "`fileName` is not text",
        ),
        (
            with("fileName", json!("")),
            FileNameInvalid,
            "`fileName`: the file name is empty",
        ),
        (
            with("fileName", json!("../a.jpg")),
            FileNameInvalid,
            "path parts",
        ),
        (
            with("fileName", json!("a".repeat(256))),
            FileNameInvalid,
            "256 characters; the limit is 255",
        ),
        (
            with("sha256", json!(true)),
            BodyInvalid,
            "`sha256` is not text",
        ),
        (
            with("sha256", json!("")),
            BodyInvalid,
            "`sha256`: a SHA-256 is 64 hexadecimal digits, or 44",
        ),
        (with("sha256", json!(&HEX[1..])), BodyInvalid, "`sha256`"),
        (
            with("fileName", json!("a".repeat(16 * 1024))),
            BodyTooLarge,
            "the limit is 16384",
        ),
    ] {
        let problem = read(&body).unwrap_err();
        assert_eq!(problem.kind, kind, "{body}: {problem:?}");
        assert!(problem.detail.contains(words), "{body}: {problem:?}");
    }
}

#[test]
fn a_body_that_is_not_base64_is_an_encoding_error() {
    let problem = Problem::from(PresignRequestBody::read(Err(NotBase64), MAX_BYTES).unwrap_err());
    assert_eq!(problem.kind, ProblemType::BodyEncoding);
}
