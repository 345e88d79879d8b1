//! Caching of responses and URLs by clients.

use std::{collections::HashMap, io::Read};

use anyhow::{Context, ensure};
use flate2::read::GzDecoder;
use reqwest::{Method, Response, Url};
use serde_json::json;
use uuid::Uuid;

use crate::deletion::write_pending;
use crate::with_stack;
use integration_tests::{images, user::TestUser};

async fn read(user: &TestUser<'_>, path: &str, known: Option<&str>) -> anyhow::Result<Response> {
    let request = user.request(Method::GET, path);
    let request = match known {
        Some(tags) => request.header("if-none-match", tags),
        None => request,
    };
    Ok(request.send().await?)
}

#[test]
fn a_response_that_the_client_has_is_not_sent_again() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let image = Uuid::now_v7().to_string();
        // A pending image has no URLs, which differ between two processes of the function.
        write_pending(stack, &alice.own().await?, &image).await?;
        for path in [&format!("/images/{image}"), "/images"] {
            let first = read(&alice, path, None).await?;
            assert_eq!(first.status(), 200);
            assert_eq!(first.headers()["cache-control"], "private, no-cache");
            let tag = first.headers()["etag"].to_str()?.to_owned();
            let opaque = tag.strip_prefix("W/").context("a weak tag")?;
            for known in [
                tag.clone(),
                opaque.to_owned(),
                format!("\"other\", {tag}"),
                "*".to_owned(),
            ] {
                let answer = read(&alice, path, Some(&known)).await?;
                assert_eq!(answer.status(), 304, "{path} {known}");
                assert_eq!(answer.headers()["etag"], tag.as_str());
                assert!(answer.headers().contains_key("x-request-id"));
                assert_eq!(answer.bytes().await?.len(), 0);
            }
            let other = read(&alice, path, Some("\"other\"")).await?;
            assert_eq!(other.status(), 200, "{path}");

            let changed = alice
                .request(Method::PATCH, &format!("/images/{image}"))
                .body(json!({ "caption": path }).to_string());
            assert_eq!(changed.send().await?.status(), 200);
            let answer = read(&alice, path, Some(&tag)).await?;
            assert_eq!(answer.status(), 200, "{path}");
            assert_ne!(answer.headers()["etag"], tag.as_str());
        }
        Ok(())
    });
}

#[test]
fn a_listing_is_compressed_for_clients_that_accept_it_and_has_the_same_content() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let own = alice.own().await?;
        for _ in 0..10 {
            write_pending(stack, &own, &Uuid::now_v7().to_string()).await?;
        }
        let ask = |encoding: &'static str| {
            let request = alice.request(Method::GET, "/images");
            request.header("accept-encoding", encoding)
        };
        let plain = ask("identity").send().await?;
        assert!(!plain.headers().contains_key("content-encoding"));
        assert_eq!(plain.headers()["vary"], "accept-encoding");
        let tag = plain.headers()["etag"].to_str()?.to_owned();
        let text = plain.text().await?;

        let gzipped = ask("gzip, deflate, br").send().await?;
        assert_eq!(gzipped.headers()["content-encoding"], "gzip");
        assert_eq!(gzipped.headers()["content-type"], "application/json");
        assert_eq!(gzipped.headers()["vary"], "accept-encoding");
        assert_eq!(gzipped.headers()["etag"], tag.as_str());
        let bytes = gzipped.bytes().await?;
        ensure!(bytes.len() * 3 < text.len(), "{} bytes", bytes.len());
        let mut unzipped = String::new();
        GzDecoder::new(&bytes[..]).read_to_string(&mut unzipped)?;
        assert_eq!(unzipped, text);

        // The compressed listing has the same ETag and content.
        let known = ask("gzip").header("if-none-match", &tag).send().await?;
        assert_eq!(known.status(), 304);
        assert!(!known.headers().contains_key("content-encoding"));
        Ok(())
    });
}

#[test]
fn a_problem_has_no_etag() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let path = format!("/images/{}", Uuid::now_v7());
        let answer = read(&alice, &path, Some("*")).await?;
        assert_eq!(answer.status(), 404);
        assert!(!answer.headers().contains_key("etag"));
        Ok(())
    });
}

#[test]
fn urls_are_signed_for_a_window_of_a_quarter_of_an_hour_and_live_for_two() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let image = alice.upload(images::jpeg(640, 480)).await?;
        let ready = alice.ready(&image).await?;
        let urls = ready["thumbnails"]
            .as_array()
            .context("thumbnails")?
            .iter()
            .map(|thumbnail| &thumbnail["url"])
            .chain([&ready["original"]["url"]]);
        for url in urls {
            let url = url.as_str().context("a URL")?;
            let parsed = Url::parse(url)?;
            let query: HashMap<_, _> = parsed.query_pairs().collect();
            // The format is 20260131T120000Z.
            let date = query["X-Amz-Date"].as_ref();
            ensure!(date.len() == 16, "{date}");
            assert_eq!(date[11..13].parse::<u32>()? % 15, 0, "{date}");
            assert_eq!(&date[13..15], "00", "{date}");
            let expires: u32 = query["X-Amz-Expires"].parse()?;
            assert!((1..=1800).contains(&expires), "{expires}");
            assert_eq!(reqwest::get(url).await?.status(), 200, "{url}");
        }
        Ok(())
    });
}

#[test]
fn a_browser_may_keep_a_thumbnail_for_good() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let image = alice.upload(images::jpeg(640, 480)).await?;
        let ready = alice.ready(&image).await?;
        let url = ready["thumbnails"][0]["url"].as_str().context("a URL")?;
        let answer = reqwest::get(url).await?;
        assert_eq!(
            answer.headers()["cache-control"],
            "private, max-age=31536000, immutable"
        );
        Ok(())
    });
}
