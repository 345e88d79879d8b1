//! Uploads by the API, from the original to its thumbnails.

use anyhow::{Context, ensure};
use image::{DynamicImage, ImageFormat};
use reqwest::Method;
use serde_json::Value;

use crate::with_stack;
use integration_tests::{images, user::TestUser};

async fn fetch(url: &Value) -> anyhow::Result<Vec<u8>> {
    let response = reqwest::get(url.as_str().context("a URL")?).await?;
    ensure!(response.status() == 200, "{}", response.status());
    Ok(response.bytes().await?.to_vec())
}

async fn thumbnail(resource: &Value, name: &str) -> anyhow::Result<DynamicImage> {
    let thumbnails = resource["thumbnails"].as_array().context("thumbnails")?;
    let thumbnail = thumbnails
        .iter()
        .find(|t| t["name"] == name)
        .context("the variant")?;
    let bytes = fetch(&thumbnail["url"]).await?;
    assert_eq!(thumbnail["size"], bytes.len());
    let decoded = image::load_from_memory(&bytes)?;
    assert_eq!(
        (&thumbnail["width"], &thumbnail["height"]),
        (&decoded.width().into(), &decoded.height().into())
    );
    Ok(decoded)
}

#[test]
fn an_uploaded_image_gets_thumbnails_and_is_listed() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let bytes = images::jpeg(1600, 1200);
        let response = alice
            .post(
                "/upload?name=%E5%BC%95%E3%81%8D%E5%87%BA%E3%81%97+1.jpg",
                bytes.clone(),
            )
            .await?;
        assert_eq!(response.status(), 201);
        let location = response.headers()["location"].to_str()?.to_owned();
        assert!(response.headers().contains_key("x-request-id"));
        let pending: Value = response.json().await?;
        let id = pending["imageId"].as_str().context("an id")?;
        assert_eq!(location, format!("/images/{id}"));
        assert_eq!(pending["status"], "pending");
        assert_eq!(pending["fileName"], "引き出し 1.jpg");
        assert_eq!(pending["contentType"], "image/jpeg");
        assert_eq!(pending["size"], bytes.len());

        let ready = alice.ready(id).await?;
        assert_eq!(
            (&ready["width"], &ready["height"]),
            (&1600.into(), &1200.into())
        );
        assert_eq!(
            (&ready["format"], &ready["fileName"]),
            (&"jpeg".into(), &"引き出し 1.jpg".into())
        );
        assert_eq!(ready["uploadedAt"], pending["uploadedAt"]);
        for (name, width, height) in [
            ("small", 160, 120),
            ("medium", 512, 384),
            ("large", 1024, 768),
        ] {
            let decoded = thumbnail(&ready, name).await?;
            assert_eq!(
                (decoded.width(), decoded.height()),
                (width, height),
                "{name}"
            );
        }
        assert_eq!(fetch(&ready["original"]["url"]).await?, bytes);

        let items = alice.items().await?;
        assert_eq!(items.len(), 1);
        assert_eq!(items[0]["imageId"], id);
        assert_eq!(items[0]["status"], "ready");
        Ok(())
    });
}

#[test]
fn every_format_becomes_ready() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        for (format, name) in [
            (ImageFormat::Png, "png"),
            (ImageFormat::WebP, "webp"),
            (ImageFormat::Gif, "gif"),
        ] {
            let id = alice
                .upload(images::encoded(images::halves(300, 200), format))
                .await?;
            let ready = alice.ready(&id).await?;
            assert_eq!(ready["format"], name);
            let small = thumbnail(&ready, "small").await?.into_rgb8();
            let [red, _, blue] = small.get_pixel(20, 50).0;
            assert!(red > 180 && blue < 60, "{name}: {red} {blue}");
        }
        Ok(())
    });
}

#[test]
fn an_image_with_an_exif_orientation_gets_upright_thumbnails() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let id = alice.upload(images::jpeg_on_its_side(800, 600)).await?;
        let ready = alice.ready(&id).await?;
        assert_eq!(
            (&ready["width"], &ready["height"]),
            (&600.into(), &800.into())
        );
        let small = thumbnail(&ready, "small").await?.into_rgb8();
        assert_eq!(small.dimensions(), (120, 160));
        // The left side of the stored image is on top after a clockwise rotation.
        let [red, _, blue] = small.get_pixel(60, 20).0;
        assert!(red > 180 && blue < 60, "{red} {blue}");
        Ok(())
    });
}

#[test]
fn a_multipart_form_as_curl_sends_it_is_an_upload() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let head = b"--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"caf\xC3\xA9.png\"\r\n\
                     Content-Type: image/png\r\n\r\n";
        let png = images::encoded(images::halves(64, 64), ImageFormat::Png);
        let body = [&head[..], &png, b"\r\n--xyz--\r\n"].concat();
        let response = alice
            .request(Method::POST, "/upload")
            .header("content-type", "multipart/form-data; boundary=xyz")
            .body(body)
            .send()
            .await?;
        assert_eq!(response.status(), 201);
        let pending: Value = response.json().await?;
        assert_eq!(
            (&pending["fileName"], &pending["size"]),
            (&"café.png".into(), &png.len().into())
        );
        alice
            .ready(pending["imageId"].as_str().context("an id")?)
            .await?;
        Ok(())
    });
}

#[test]
fn the_content_type_is_detected_from_the_bytes() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let response = alice
            .request(Method::POST, "/upload")
            .header("content-type", "image/jpeg")
            .header("content-disposition", "attachment; filename=\"image.jpg\"")
            .body(images::encoded(images::halves(64, 64), ImageFormat::Png))
            .send()
            .await?;
        let pending: Value = response.json().await?;
        assert_eq!(
            (&pending["contentType"], &pending["fileName"]),
            (&"image/png".into(), &"image.jpg".into())
        );
        Ok(())
    });
}

#[test]
fn an_upload_of_the_full_size_is_accepted() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let mut bytes = images::noise(1100, 1100);
        // Bytes after the end of a PNG are ignored.
        ensure!(bytes.len() < 4_700_000, "{}", bytes.len());
        bytes.resize(4_700_000, 0);
        let ready = alice.ready(&alice.upload(bytes).await?).await?;
        assert_eq!(ready["size"], 4_700_000);
        Ok(())
    });
}
