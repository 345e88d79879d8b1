//! Attacks that name the victim in every part of a request that a component could read.

use serde_json::json;

use crate::{
    attack::{Attack, DeniedBy, Expected},
    call::{Call, api, encoded},
    fixture::Fixture,
};

const TOKEN_ONLY: DeniedBy =
    DeniedBy::Function("who is asking is read from the token, and from nothing else");

fn own(_: &Fixture) -> Call {
    api("GET", "/images")
}

fn own_upload(_: &Fixture) -> Call {
    upload()
}

fn upload() -> Call {
    api("POST", "/upload")
        .header("content-type", "application/octet-stream")
        .body(integration_tests::images::one_colour_jpeg([9, 9, 9]))
}

/// The headers that gateways, proxies or frameworks take an identity from.
const HEADERS: [&str; 12] = [
    "x-cognito-identity-id",
    "x-identity-id",
    "identityid",
    "x-user-id",
    "x-forwarded-user",
    "x-amzn-oidc-identity",
    "x-amzn-oidc-data",
    "x-apigateway-event",
    "x-apigateway-context",
    "x-amz-security-token",
    "x-amzn-request-context",
    "x-original-url",
];

pub(super) fn attacks() -> Vec<Attack> {
    let mut attacks = Vec::new();
    for header in HEADERS {
        attacks.push(
            Attack::new(
                format!("api-header-{header}"),
                format!("name the victim in `{header}`"),
                TOKEN_ONLY,
                move |s| api("GET", "/images").header(header, s.victim.identity.clone()),
            )
            .expecting(Expected::Nothing)
            .own(own),
        );
    }
    for (name, method, hidden) in [
        ("x-http-method-override", "GET", "DELETE"),
        ("x-http-method", "GET", "DELETE"),
        ("x-method-override", "POST", "DELETE"),
    ] {
        attacks.push(
            Attack::new(
                format!("api-{name}"),
                format!("delete the victim's image by `{name}`"),
                TOKEN_ONLY,
                move |s| api(method, format!("/images/{}", s.theirs)).header(name, hidden),
            )
            .expecting(Expected::Status(&[404]))
            .own(own),
        );
    }
    for parameter in [
        "identityId",
        "identity",
        "userId",
        "sub",
        "owner",
        "prefix",
        "exclusiveStartKey",
    ] {
        attacks.push(
            Attack::new(
                format!("api-query-{}", parameter.to_lowercase()),
                format!("list with the victim in `{parameter}`"),
                TOKEN_ONLY,
                move |s| api("GET", format!("/images?{parameter}={}", s.victim.identity)),
            )
            .expecting(Expected::Nothing)
            .own(own),
        );
    }
    attacks.extend(elsewhere());
    attacks.extend(uploads());
    attacks
}

fn elsewhere() -> Vec<Attack> {
    vec![
        Attack::new(
            "api-query-twice",
            "list with two cursors",
            DeniedBy::Function("a cursor is its user's"),
            |s| {
                api(
                    "GET",
                    format!("/images?cursor={}&cursor={}", s.their_cursor, s.own_cursor),
                )
            },
        )
        .expecting(Expected::Nothing)
        .own(own),
        Attack::new(
            "api-limit",
            "list more than there may be",
            DeniedBy::Function("at most 100"),
            |_| api("GET", "/images?limit=1000000"),
        )
        .expecting(Expected::Code(&["limit-invalid"]))
        .own(own),
        Attack::new(
            "api-forwarded-host",
            "name another host in `X-Forwarded-Host`",
            TOKEN_ONLY,
            |_| api("GET", "/images").header("x-forwarded-host", "attacker.example"),
        )
        .expecting(Expected::Nothing)
        .own(own),
        Attack::new(
            "api-target",
            "call DynamoDB through the API's address",
            DeniedBy::Gateway("the API is no service of AWS"),
            |s| {
                api("POST", "/images")
                    .header("x-amz-target", "DynamoDB_20120810.Scan")
                    .body(json!({"TableName": s.table()}).to_string())
            },
        )
        .expecting(Expected::Status(&[400, 403, 404, 405]))
        .own(own),
        Attack::new(
            "api-target-root",
            "call DynamoDB at the root of the API",
            DeniedBy::Gateway("the API is no service of AWS"),
            |s| {
                api("POST", "/")
                    .header("x-amz-target", "DynamoDB_20120810.Scan")
                    .body(json!({"TableName": s.table()}).to_string())
            },
        )
        .expecting(Expected::Status(&[400, 403, 404, 405]))
        .own(own),
        Attack::new(
            "api-bucket",
            "reach the bucket through the API's address",
            DeniedBy::Gateway("no such route"),
            |s| {
                api(
                    "GET",
                    format!("/{}/{}", s.bucket(), encoded(&s.their_original())),
                )
            },
        )
        .expecting(Expected::Status(&[400, 403, 404]))
        .own(own),
        Attack::new(
            "api-emulator",
            "reach the emulator's own pages",
            DeniedBy::Gateway("no such route"),
            |_| api("GET", "/_fakecloud/health"),
        )
        .expecting(Expected::Status(&[403, 404]))
        .own(own),
        Attack::new(
            "api-body-on-get",
            "name the victim in the body of a GET",
            TOKEN_ONLY,
            |s| {
                api("GET", "/images")
                    .header("content-type", "application/json")
                    .body(json!({"identityId": s.victim.identity}).to_string())
            },
        )
        .expecting(Expected::Nothing)
        .own(own),
    ]
}

fn uploads() -> Vec<Attack> {
    vec![
        Attack::new("api-upload-path", "upload under a name that is a path into the victim's user store", TOKEN_ONLY, |s| {
            let name = format!("../../{}/{}.jpg", s.victim.identity, s.theirs);
            let mut call = upload();
            call.target = format!("/upload?name={}", encoded(&name).replace('/', "%2F"));
            call
        })
        .expecting(Expected::Nothing)
        .own(own_upload),
        Attack::new("api-upload-key-name", "upload under a name that is the victim's key", TOKEN_ONLY, |s| {
            let mut call = upload();
            call.target = format!("/upload?name={}", encoded(&s.their_original()).replace('/', "%2F"));
            call
        })
        .expecting(Expected::Nothing)
        .own(own_upload),
        Attack::new("api-upload-key-query", "upload with a key of one's choice", TOKEN_ONLY, |s| {
            let mut call = upload();
            call.target = format!("/upload?key={0}&imageId={1}&identityId={2}", encoded(&s.their_original()), s.theirs, s.victim.identity);
            call
        })
        .expecting(Expected::Nothing)
        .own(own_upload),
        Attack::new("api-upload-copy-source", "upload with the victim's original as `x-amz-copy-source`", TOKEN_ONLY, |s| {
            upload().header("x-amz-copy-source", format!("/{}/{}", s.bucket(), encoded(&s.their_original())))
        })
        .expecting(Expected::Nothing)
        .own(own_upload),
        Attack::new("api-upload-metadata", "upload with the victim in `x-amz-meta-identityid`", TOKEN_ONLY, |s| {
            upload().header("x-amz-meta-identityid", s.victim.identity.clone()).header("x-amz-tagging", "owner=victim")
        })
        .expecting(Expected::Nothing)
        .own(own_upload),
        Attack::new("api-upload-form-fields", "upload a form that names the victim's key", TOKEN_ONLY, |s| {
            let mut body = Vec::new();
            for (name, value) in [("key", s.their_original()), ("identityId", s.victim.identity.clone()), ("imageId", s.theirs.clone())] {
                body.extend(format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes());
            }
            body.extend(b"--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"../x.jpg\"\r\n\r\n");
            body.extend(integration_tests::images::one_colour_jpeg([8, 8, 8]));
            body.extend(b"\r\n--x--\r\n");
            api("POST", "/upload").header("content-type", "multipart/form-data; boundary=x").body(body)
        })
        .expecting(Expected::Nothing)
        .own(own_upload),
        Attack::new("api-upload-disposition", "upload with a path in `Content-Disposition`", TOKEN_ONLY, |s| {
            upload().header("content-disposition", format!("attachment; filename=\"../../{}/{}.jpg\"", s.victim.identity, s.theirs))
        })
        .expecting(Expected::Nothing)
        .own(own_upload),
        Attack::new("api-presign-key", "presign an upload over the victim's original", TOKEN_ONLY, |s| {
            presign(&json!({"fileName": "x.jpg", "contentType": "image/jpeg", "size": 10, "key": s.their_original(), "imageId": s.theirs}))
        })
        .expecting(Expected::Nothing)
        .own(own),
        Attack::new("api-presign-path", "presign under a name that is a path into the victim's user store", TOKEN_ONLY, |s| {
            presign(&json!({"fileName": format!("../../{}/x.jpg", s.victim.identity), "contentType": "image/jpeg", "size": 10}))
        })
        .expecting(Expected::Nothing)
        .own(own),
        Attack::new("api-presign-identity", "presign for the victim's identity", TOKEN_ONLY, |s| {
            presign(&json!({"fileName": "x.jpg", "contentType": "image/jpeg", "size": 10, "identityId": s.victim.identity}))
        })
        .expecting(Expected::Nothing)
        .own(own),
        Attack::new("api-presign-size", "presign an upload without end", DeniedBy::Function("the size is capped, and signed"), |_| {
            presign(&json!({"fileName": "x.jpg", "contentType": "image/jpeg", "size": 999_999_999_999_u64}))
        })
        .expecting(Expected::Status(&[400, 404, 413]))
        .own(own),
    ]
}

fn presign(body: &serde_json::Value) -> Call {
    api("POST", "/upload/presign")
        .header("content-type", "application/json")
        .body(body.to_string())
}
