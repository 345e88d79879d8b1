//! The facts of photos, and the order by capture time.

use anyhow::Context as _;
use integration_tests::{
    images::{self, photo::Photo},
    stack::eventually,
    user::TestUser,
};
use reqwest::Method;
use serde_json::json;

use crate::{
    bad_input::assert_problem,
    filters::{all_pages, page},
    root, with_stack,
};

/// Uploads a photo and waits until it is ready.
async fn uploaded(user: &TestUser<'_>, photo: Photo<'_>) -> anyhow::Result<String> {
    let image = user.upload(photo.jpeg(64, 48)).await?;
    user.ready(&image).await?;
    Ok(image)
}

fn taken(time: &str) -> Photo<'_> {
    Photo {
        taken_at: Some(time),
        ..Photo::default()
    }
}

#[test]
fn a_photo_shows_when_where_and_with_what_it_was_taken() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let photo = Photo {
            taken_at: Some("2019:07:06 05:04:03"),
            offset: Some("+09:00"),
            camera: Some(("Apple", "iPhone XS")),
            place: Some((35, 139)),
        };
        let image = uploaded(&alice, photo).await?;
        let (_, resource) = alice.get(&format!("/images/{image}")).await?;
        for (name, expected) in [
            ("takenAt", json!("2019-07-06T05:04:03+09:00")),
            ("cameraMake", json!("Apple")),
            ("cameraModel", json!("iPhone XS")),
            ("latitude", json!(35.0)),
            ("longitude", json!(139.0)),
        ] {
            assert_eq!(resource[name], expected, "{name}");
            assert_eq!(alice.items().await?[0][name], expected, "{name}");
        }
        let identity = alice.own().await?.identity;
        let record = root::record(stack, &identity, &image).await?;
        let record = record.context("a record")?;
        let key = record["takenKey"].as_s().expect("a text");
        assert_eq!(*key, format!("2019-07-05T20:04:03.000Z#{image}"));
        assert_eq!(record["factSet"].as_s().expect("a text"), "1-location");
        Ok(())
    });
}

#[test]
fn an_image_without_facts_has_none_and_the_place_of_its_upload() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let image = alice.upload(images::jpeg(64, 48)).await?;
        let resource = alice.ready(&image).await?;
        for name in [
            "takenAt",
            "cameraMake",
            "cameraModel",
            "latitude",
            "longitude",
        ] {
            assert!(resource.get(name).is_none(), "{name}");
        }
        let (listed, _) = page(&alice, "order=taken").await?;
        assert_eq!(listed, [image]);
        Ok(())
    });
}

#[test]
fn photos_are_listed_by_capture_time_in_pages_and_ranges() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let in_utc = |time, offset| Photo {
            offset: Some(offset),
            ..taken(time)
        };
        // In the order of their capture times, which is not that of their uploads.
        let mut photos = vec![None; 6];
        for (place, photo) in [
            (3, in_utc("2020:01:01 00:30:00", "+01:00")),
            (0, taken("9999:12:31 23:59:59")),
            (5, taken("1850:01:01 00:00:00")),
            (2, taken("2020:01:01 00:00:00")),
            (4, in_utc("2019:12:31 23:29:59", "+00:00")),
        ] {
            photos[place] = Some(uploaded(&alice, photo).await?);
        }
        // The year 0 is no capture time; that of the upload counts.
        let zero = uploaded(&alice, taken("0000:00:00 00:00:00")).await?;
        photos[1] = Some(zero);
        let photos: Vec<String> = photos.into_iter().flatten().collect();
        for limit in [1, 2, 50] {
            let (all, _) = all_pages(&alice, &format!("order=taken&limit={limit}")).await?;
            assert_eq!(all, photos, "{limit}");
            for (query, expected) in [
                (
                    "takenFrom=2019-12-31T23:30:00Z&takenTo=2020-01-01T00:00:00Z",
                    3..4,
                ),
                (
                    "takenFrom=2019-12-31T23:30:00.001Z&takenTo=2020-01-01T00:00:00.001Z",
                    2..3,
                ),
                ("takenFrom=2020-01-01T01:00:00%2B01:00", 0..3),
                ("takenTo=2019-12-31T23:30:00Z", 4..6),
                ("takenTo=1000-01-01T00:00:00Z", 0..0),
                ("status=ready&takenFrom=9999-01-01T00:00:00Z", 0..1),
            ] {
                let query = format!("order=taken&limit={limit}&{query}");
                let (found, _) = all_pages(&alice, &query).await?;
                assert_eq!(found, photos[expected], "{query}");
            }
        }
        Ok(())
    });
}

#[test]
fn a_pending_image_is_in_the_order_by_upload_only_and_a_failed_one_in_both() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let bytes = images::jpeg(64, 48);
        let file = json!({"contentType": "image/jpeg", "size": bytes.len()});
        let presigned = alice.presigned(&file).await?;
        let pending = presigned["image"]["imageId"].as_str().context("an id")?;
        let mut broken = taken("2001:01:01 00:00:00").jpeg(64, 48);
        // The end of the frame's header: no decoder gets further.
        let at = broken.windows(2).position(|two| two == [0xFF, 0xC0]);
        broken[at.context("a frame")? + 4] = 77;
        let failed = alice.upload(broken).await?;
        let resource = alice.done(&failed).await?;
        assert_eq!(resource["status"], "failed", "{resource}");
        assert!(resource.get("takenAt").is_none());
        let (newest, _) = page(&alice, "order=newest").await?;
        assert_eq!(newest, [&failed, pending]);
        let (by_capture, _) = page(&alice, "order=taken").await?;
        assert_eq!(by_capture, [failed.as_str()]);
        let (only_failed, _) = page(&alice, "order=taken&status=failed").await?;
        assert_eq!(only_failed, [failed.as_str()]);
        Ok(())
    });
}

#[test]
fn a_deleted_photo_leaves_the_order_by_capture_time() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let image = uploaded(&alice, taken("2001:01:01 00:00:00")).await?;
        let path = format!("/images/{image}");
        alice.request(Method::DELETE, &path).send().await?;
        let alice = &alice;
        eventually("the photo is not listed", || async move {
            let (listed, _) = page(alice, "order=taken").await?;
            Ok(listed.is_empty().then_some(()))
        })
        .await
    });
}

#[test]
fn a_cursor_of_one_order_is_refused_by_the_other() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        for time in ["2001:01:01 00:00:00", "2002:01:01 00:00:00"] {
            uploaded(&alice, taken(time)).await?;
        }
        let (_, by_upload) = page(&alice, "limit=1").await?;
        let (_, by_capture) = page(&alice, "order=taken&limit=1").await?;
        let (by_upload, by_capture) = (by_upload.context("more")?, by_capture.context("more")?);
        for (query, cursor) in [
            ("order=taken", &by_upload),
            ("order=newest", &by_capture),
            ("order=taken&takenFrom=2000-01-01T00:00:00Z", &by_capture),
        ] {
            let path = format!("/images?{query}&cursor={cursor}");
            let response = alice.request(Method::GET, &path).send().await?;
            assert_problem(response, 400, "cursor-invalid", query).await?;
        }
        let (rest, end) = page(&alice, &format!("order=taken&limit=1&cursor={by_capture}")).await?;
        assert_eq!((rest.len(), end), (1, None));
        Ok(())
    });
}
