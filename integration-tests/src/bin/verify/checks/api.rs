//! The gateway and the API's functions.

use integration_tests::{call::api, images, signed_client::Authorization};

use crate::{
    check::Check,
    found::Found,
    world::{World, summary},
};

/// The largest body of `POST /upload` (`MaxUploadBytes`).
const LIMIT: usize = 4_700_000;

/// A body that is more than Lambda takes in base64, whatever the headers.
const TOO_LARGE: usize = 4_718_668;

pub(super) fn checks() -> Vec<Check> {
    vec![
        Check::new("no-token", "401", |world| Box::pin(no_token(world))),
        Check::new("a-forged-token", "403", |world| {
            Box::pin(a_forged_token(world))
        }),
        Check::new("an-unknown-path", "404", |world| {
            Box::pin(
                async move { Ok(summary(&world.ask(&world.alice, &api("GET", "/no")).await?)) },
            )
        }),
        Check::new("an-access-token", "401 token-not-id-token", |world| {
            Box::pin(an_access_token(world))
        }),
        Check::new("an-invalid-cursor", "400 cursor-invalid", |world| {
            Box::pin(an_invalid_cursor(world))
        }),
        Check::new("a-body-of-the-limit", "201", |world| {
            Box::pin(upload(world, images::jpeg_of_bytes(LIMIT), true))
        }),
        Check::new("a-body-over-the-limit", "413 body-too-large", |world| {
            Box::pin(upload(world, images::jpeg_of_bytes(LIMIT + 1), true))
        }),
        Check::new("a-body-that-lambda-does-not-take", "413", |world| {
            Box::pin(upload(world, vec![0; TOO_LARGE], true))
        }),
        // The gateway decides by the type whether it encodes a body in base64.
        Check::new("a-body-without-a-content-type", "201", |world| {
            Box::pin(upload(world, images::jpeg(64, 64), false))
        }),
        Check::new(
            "cors-preflight-of-the-api",
            "PATCH and authorization are allowed",
            |world| Box::pin(cors_preflight_of_the_api(world)),
        ),
        Check::new("cors-preflight-of-another-origin", "no origin", |world| {
            Box::pin(cors_preflight_of_another_origin(world))
        }),
        Check::new("a-request-id", "in the header", |world| {
            Box::pin(a_request_id(world))
        }),
    ]
}

async fn no_token(world: &World) -> anyhow::Result<Found> {
    Ok(summary(&world.anonymous(&api("GET", "/images")).await?))
}

async fn a_forged_token(world: &World) -> anyhow::Result<Found> {
    let call = api("GET", "/images").header("authorization", "Bearer x");
    Ok(summary(&world.anonymous(&call).await?))
}

async fn an_access_token(world: &World) -> anyhow::Result<Found> {
    let token = Authorization::Bearer(&world.alice.tokens.access);
    let call = api("GET", "/images");
    Ok(summary(
        &world.wire.send(&world.target, &call, token).await?,
    ))
}

async fn an_invalid_cursor(world: &World) -> anyhow::Result<Found> {
    let call = api("GET", "/images?cursor=x");
    Ok(summary(&world.ask(&world.alice, &call).await?))
}

async fn cors_preflight_of_the_api(world: &World) -> anyhow::Result<Found> {
    let call = api("OPTIONS", "/images/x")
        .header("origin", world.origin.clone())
        .header("access-control-request-method", "PATCH")
        .header("access-control-request-headers", "authorization");
    let reply = world.anonymous(&call).await?;
    let allows = |name, what| {
        let header = reply.header(name).to_ascii_lowercase();
        header.split(',').any(|one| one.trim() == what)
    };
    let is_allowed = reply.header("access-control-allow-origin") == world.origin
        && allows("access-control-allow-methods", "patch")
        && allows("access-control-allow-headers", "authorization");
    Ok(Found::Value(if is_allowed {
        "PATCH and authorization are allowed".to_owned()
    } else {
        format!("{} {:?}", reply.status, reply.headers)
    }))
}

async fn cors_preflight_of_another_origin(world: &World) -> anyhow::Result<Found> {
    let call = api("OPTIONS", "/images")
        .header("origin", "https://elsewhere.example")
        .header("access-control-request-method", "GET");
    let reply = world.anonymous(&call).await?;
    let origin = reply.header("access-control-allow-origin");
    // The emulator names the first allowed origin, which a browser does not accept.
    let is_allowed = origin == "https://elsewhere.example" || origin == "*";
    Ok(Found::Value(if is_allowed {
        origin.to_owned()
    } else {
        "no origin".to_owned()
    }))
}

async fn a_request_id(world: &World) -> anyhow::Result<Found> {
    let call = api("GET", "/images?limit=0");
    let reply = world.ask(&world.alice, &call).await?;
    let id = reply.header("x-request-id");
    Ok(Found::Value(if reply.status == 400 && !id.is_empty() {
        "in the header".to_owned()
    } else {
        format!("{} {:?}", reply.status, reply.headers)
    }))
}

async fn upload(world: &World, bytes: Vec<u8>, has_type: bool) -> anyhow::Result<Found> {
    let call = api("POST", "/upload").body(bytes);
    let call = if has_type {
        call.header("content-type", "application/octet-stream")
    } else {
        call
    };
    Ok(summary(&world.ask(&world.alice, &call).await?))
}
