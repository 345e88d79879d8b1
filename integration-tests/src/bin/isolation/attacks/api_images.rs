//! Attacks on the victim's images by every route and method of the API.

use serde_json::json;

use crate::{
    attack::{Attack, DeniedBy, Expected},
    call::{Call, api},
    fixture::Fixture,
};

const OWN_PARTITION: DeniedBy =
    DeniedBy::Function("looks in the caller's partition only, with the caller's credentials");
const NOT_FOUND: Expected = Expected::Status(&[404]);

/// A function that returns a path to the victim's image.
type Path = fn(&Fixture) -> String;

fn theirs(fixture: &Fixture, method: &str, suffix: &str) -> Call {
    api(method, format!("/images/{}{suffix}", fixture.theirs))
}

fn own(fixture: &Fixture) -> Call {
    api("GET", format!("/images/{}", fixture.own))
}

#[expect(clippy::too_many_lines, reason = "a list, and no logic")]
pub(super) fn attacks() -> Vec<Attack> {
    let mut attacks = vec![
        Attack::new("api-read", "read the victim's image", OWN_PARTITION, |s| {
            theirs(s, "GET", "")
        })
        .expecting(Expected::Code(&["image-not-found"]))
        .own(own),
        Attack::new(
            "api-read-wait",
            "wait for the victim's image",
            OWN_PARTITION,
            |s| theirs(s, "GET", "?wait=0"),
        )
        .expecting(Expected::Code(&["image-not-found", "query-invalid"]))
        .own(own),
        Attack::new(
            "api-head",
            "ask whether the victim's image exists",
            OWN_PARTITION,
            |s| theirs(s, "HEAD", ""),
        )
        .expecting(Expected::Status(&[403, 404, 405]))
        .own(own),
        Attack::new(
            "api-delete",
            "delete the victim's image",
            OWN_PARTITION,
            |s| theirs(s, "DELETE", ""),
        )
        .expecting(Expected::Nothing)
        .own(own),
        Attack::new(
            "api-patch",
            "rename the victim's image",
            OWN_PARTITION,
            |s| {
                theirs(s, "PATCH", "")
                    .header("content-type", "application/json")
                    .body(json!({"fileName": "mine.jpg"}).to_string())
            },
        )
        .expecting(NOT_FOUND)
        .own(own),
        Attack::new(
            "api-retry",
            "retry the victim's image",
            OWN_PARTITION,
            |s| theirs(s, "POST", "/retry"),
        )
        .expecting(NOT_FOUND)
        .own(own),
        Attack::new(
            "api-put",
            "replace the victim's image",
            DeniedBy::Gateway("no such route"),
            |s| theirs(s, "PUT", "").body(b"x".as_slice()),
        )
        .expecting(NOT_FOUND)
        .own(own),
        Attack::new(
            "api-post",
            "post to the victim's image",
            DeniedBy::Gateway("no such route"),
            |s| theirs(s, "POST", "").body(b"x".as_slice()),
        )
        .expecting(NOT_FOUND)
        .own(own),
        Attack::new(
            "api-cursor",
            "go on in the victim's listing",
            DeniedBy::Function("a cursor is its user's"),
            |s| api("GET", format!("/images?cursor={}", s.their_cursor)),
        )
        .expecting(Expected::Code(&["cursor-invalid"]))
        .own(|s| api("GET", format!("/images?limit=1&cursor={}", s.own_cursor))),
        Attack::new(
            "api-if-none-match",
            "learn whether the victim's image exists from its tag",
            OWN_PARTITION,
            |s| theirs(s, "GET", "").header("if-none-match", "*"),
        )
        .expecting(Expected::Code(&["image-not-found"]))
        .own(own),
    ];
    // The same image id in other spellings.
    let spellings: [(&str, &str, Path); 12] = [
        ("upper-case", "in upper case", |s| {
            format!("/images/{}", s.theirs.to_uppercase())
        }),
        ("braces", "in braces", |s| {
            format!("/images/%7B{}%7D", s.theirs)
        }),
        (
            "with-identity",
            "with the victim's identity before it",
            |s| format!("/images/{}/{}", s.victim.identity, s.theirs),
        ),
        (
            "with-identity-encoded",
            "with the victim's identity and an encoded slash",
            |s| format!("/images/{}%2F{}", s.victim.identity, s.theirs),
        ),
        ("dot-dot", "behind `..`", |s| {
            format!("/images/../images/{}", s.theirs)
        }),
        ("dot-dot-encoded", "behind `..%2f`", |s| {
            format!(
                "/images/..%2f..%2foriginal-files%2f{}%2f{}",
                s.victim.identity, s.theirs
            )
        }),
        ("double-slash", "behind `//`", |s| {
            format!("/images//{}", s.theirs)
        }),
        ("trailing-slash", "before `/`", |s| {
            format!("/images/{}/", s.theirs)
        }),
        ("null-byte", "before `%00`", |s| {
            format!("/images/{}%00", s.theirs)
        }),
        ("extension", "with its extension", |s| {
            format!("/images/{}.jpg", s.theirs)
        }),
        ("semicolon", "with a matrix parameter", |s| {
            format!("/images/{};identityId={}", s.theirs, s.victim.identity)
        }),
        ("stage", "with the stage before the path", |s| {
            format!("/$default/images/{}", s.theirs)
        }),
    ];
    for (id, what, path) in spellings {
        attacks.push(
            Attack::new(
                format!("api-read-{id}"),
                format!("read the victim's image, {what}"),
                OWN_PARTITION,
                move |s| api("GET", path(s)),
            )
            .expecting(Expected::Status(&[400, 403, 404]))
            .own(own),
        );
        attacks.push(
            Attack::new(
                format!("api-delete-{id}"),
                format!("delete the victim's image, {what}"),
                OWN_PARTITION,
                move |s| api("DELETE", path(s)),
            )
            .expecting(Expected::Nothing)
            .own(own),
        );
    }
    attacks
}
