//! Tokens that the API must refuse.

use crate::{
    attack::{Attack, DeniedBy, Expected},
    call::{Call, Signer, api},
    fixture::Fixture,
};

/// The expected statuses: 401 and 403 of the gateway, 401 of a function for a token that the
/// authorizer accepts.
const REFUSED: Expected = Expected::Status(&[401, 403]);

type Token = (&'static str, &'static str, fn(&Fixture) -> String);

/// A request that needs a token.
type Route = (&'static str, &'static str, fn(&Fixture) -> Call);

const BAD: [Token; 12] = [
    ("access-token", "an access token", |s| {
        s.attacker.tokens.access.clone()
    }),
    ("refresh-token", "a refresh token", |s| {
        s.attacker.tokens.refresh.clone()
    }),
    (
        "victims-claims",
        "the victim's claims under one's own signature",
        |s| s.forged.victims_claims.clone(),
    ),
    ("alg-none", "the victim's claims under `alg: none`", |s| {
        s.forged.unsigned.clone()
    }),
    (
        "alg-hs256",
        "the victim's claims, declared symmetric",
        |s| s.forged.symmetric.clone(),
    ),
    (
        "own-keys",
        "the victim's claims, with a header that names the attacker's keys",
        |s| s.forged.own_keys.clone(),
    ),
    ("prolonged", "one's own token with a later expiry", |s| {
        s.forged.prolonged.clone()
    }),
    ("expired", "a token whose expiry has passed", |s| {
        s.forged.expired.clone()
    }),
    (
        "other-pool",
        "a genuine token of another user pool, for the victim's address",
        |s| s.forged.other_pool.clone(),
    ),
    (
        "other-client",
        "a genuine token for another app client",
        |s| s.forged.other_client.clone(),
    ),
    ("garbage", "garbage", |_| "garbage".to_owned()),
    ("identity", "the victim's identity for a token", |s| {
        s.victim.identity.clone()
    }),
];

fn own(_: &Fixture) -> Call {
    api("GET", "/images")
}

#[expect(clippy::too_many_lines, reason = "a list, and no logic")]
pub(super) fn attacks() -> Vec<Attack> {
    let mut attacks = Vec::new();
    for (id, what, token) in BAD {
        let denied_by = DeniedBy::Authorizer(
            "the pool's signature, `iss`, `aud`, `exp`, `token_use`; the function checks the claims again",
        );
        let routes: [Route; 2] = [
            ("read", "read the victim's image with", |s| {
                api("GET", format!("/images/{}", s.theirs))
            }),
            ("upload", "upload with", |_| {
                api("POST", "/upload").body(integration_tests::images::one_colour_jpeg([1, 2, 3]))
            }),
        ];
        for (route, tries, call) in routes {
            attacks.push(
                Attack::new(
                    format!("api-{route}-{id}"),
                    format!("{tries} {what}"),
                    denied_by,
                    move |s| {
                        call(s)
                            .by(Signer::Anonymous)
                            .header("authorization", format!("Bearer {}", token(s)))
                    },
                )
                .expecting(REFUSED)
                .own(own),
            );
        }
    }
    attacks.extend([
        Attack::new(
            "api-no-token",
            "list without a token",
            DeniedBy::Gateway("no token, no entry"),
            |_| api("GET", "/images").by(Signer::Anonymous),
        )
        .expecting(REFUSED)
        .own(own),
        Attack::new(
            "api-token-in-query",
            "send the token in the query",
            DeniedBy::Gateway("no token, no entry"),
            |s| {
                api(
                    "GET",
                    format!(
                        "/images?authorization={0}&access_token={0}",
                        s.attacker.tokens.id
                    ),
                )
                .by(Signer::Anonymous)
            },
        )
        .expecting(REFUSED)
        .own(own),
        Attack::new(
            "api-token-in-cookie",
            "send the token in a cookie",
            DeniedBy::Gateway("no token, no entry"),
            |s| {
                api("GET", "/images")
                    .by(Signer::Anonymous)
                    .header("cookie", format!("authorization={}", s.attacker.tokens.id))
            },
        )
        .expecting(REFUSED)
        .own(own),
        Attack::new(
            "api-two-tokens",
            "send a forged token before one's own",
            DeniedBy::Authorizer("two tokens are none"),
            |s| {
                api("GET", format!("/images/{}", s.theirs))
                    .by(Signer::Anonymous)
                    .header(
                        "authorization",
                        format!("Bearer {}", s.forged.victims_claims),
                    )
                    .header("authorization", format!("Bearer {}", s.attacker.tokens.id))
            },
        )
        .expecting(Expected::Status(&[400, 401, 403]))
        .own(own),
        Attack::new(
            "api-two-tokens-reversed",
            "send a forged token after one's own",
            DeniedBy::Authorizer("two tokens are none"),
            |s| {
                api("GET", format!("/images/{}", s.theirs))
                    .by(Signer::Anonymous)
                    .header("authorization", format!("Bearer {}", s.attacker.tokens.id))
                    .header(
                        "authorization",
                        format!("Bearer {}", s.forged.victims_claims),
                    )
            },
        )
        .expecting(Expected::Status(&[400, 401, 403]))
        .own(own),
        Attack::new(
            "api-signed",
            "sign the request with AWS credentials in place of a token",
            DeniedBy::Gateway("a signature is no token"),
            |_| api("GET", "/images").by(Signer::Attacker),
        )
        .expecting(REFUSED)
        .own(own),
        Attack::new(
            "api-basic",
            "log in as the victim with a password",
            DeniedBy::Authorizer("a password is no token"),
            |_| {
                api("GET", "/images")
                    .by(Signer::Anonymous)
                    .header("authorization", "Basic dmljdGltOnBhc3N3b3Jk")
            },
        )
        .expecting(REFUSED)
        .own(own),
    ]);
    attacks
}
