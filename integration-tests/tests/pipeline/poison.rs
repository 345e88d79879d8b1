//! Records and objects that a user writes to break, or to abuse, what the API makes of them.

use anyhow::Context as _;
use integration_tests::{
    denial::text,
    images,
    user::{Own, TestUser},
};
use local::stack::Stack;
use uuid::Uuid;

use crate::with_stack;

/// What Lambda takes as a response.
const RESPONSE_LIMIT: usize = 6 * 1024 * 1024;

/// Nearly all that an item may have.
const LONG: usize = 390_000;

async fn write(
    stack: &Stack,
    own: &Own,
    image: &str,
    attribute: &str,
    value: &str,
) -> anyhow::Result<()> {
    own.dynamodb
        .update_item()
        .table_name(&stack.outputs().table_name)
        .key("identityId", text(&own.identity))
        .key("imageId", text(image))
        .update_expression("SET #a = :v")
        .expression_attribute_names("#a", attribute)
        .expression_attribute_values(":v", text(value))
        .send()
        .await?;
    Ok(())
}

/// Follows the cursors to the end. Returns the image ids, and the sum of the pages' bytes.
async fn listed(user: &TestUser<'_>, limit: usize) -> anyhow::Result<(Vec<String>, usize)> {
    let (mut images, mut bytes) = (Vec::new(), 0);
    let mut path = format!("/images?limit={limit}");
    loop {
        let (status, page) = user.get(&path).await?;
        anyhow::ensure!(status == 200, "{status}: {page}");
        bytes += page.to_string().len();
        let items = page["items"].as_array().context("items")?;
        for item in items {
            for attribute in ["caption", "fileName", "contentType"] {
                assert!(item[attribute].is_null(), "{attribute}");
            }
            images.push(item["imageId"].as_str().context("an id")?.to_owned());
        }
        let Some(cursor) = page["nextCursor"].as_str() else {
            return Ok((images, bytes));
        };
        path = format!("/images?limit={limit}&cursor={cursor}");
    }
}

#[test]
fn captions_of_390_kb_are_absent_and_the_listing_is_as_long_as_without() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let own = alice.own().await?;
        let long = "x".repeat(LONG);
        let mut written = Vec::new();
        for number in 0..21 {
            let image = Uuid::now_v7().to_string();
            let attribute = ["caption", "fileName", "contentType"][number % 3];
            write(stack, &own, &image, attribute, &long).await?;
            written.push(image);
        }
        written.reverse();
        for limit in [1, 7, 100] {
            let (images, bytes) = listed(&alice, limit).await?;
            assert_eq!(images, written, "{limit}");
            assert!(bytes < RESPONSE_LIMIT / 100, "{bytes}");
        }
        let (_, one) = alice.get(&format!("/images/{}", written[0])).await?;
        assert!(one.to_string().len() < 2000);
        Ok(())
    });
}

/// `DynamoDB` ends a query after 1 MB, and a cursor has to be an image's.
#[test]
fn a_listing_gets_past_items_whose_keys_are_no_images() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let own = alice.own().await?;
        let old = "0190a5d0-7bcd-7abc-8def-0123456789ab";
        write(stack, &own, old, "caption", "").await?;
        let long = "x".repeat(LONG);
        for number in 0..20 {
            write(stack, &own, &format!("{old}-{number:02}"), "caption", &long).await?;
        }
        let new = Uuid::now_v7().to_string();
        write(stack, &own, &new, "caption", "").await?;
        for limit in [1, 100] {
            let (images, _) = listed(&alice, limit).await?;
            assert_eq!(images, [new.as_str(), old], "{limit}");
        }
        Ok(())
    });
}

/// The content type of an object is its user's: with a direct put it may be a page's.
#[test]
fn originals_are_served_with_the_type_that_the_worker_saw() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let own = alice.own().await?;
        let page = b"<script>alert(1)</script>".to_vec();
        for (bytes, content_type, disposition) in [
            (images::jpeg(64, 64), "image/jpeg", None),
            (page, "application/octet-stream", Some("attachment")),
        ] {
            let image = Uuid::now_v7().to_string();
            let key = format!("original-files/dev/{}/{image}.jpg", own.identity);
            let put = own.s3.put_object().bucket(&stack.outputs().bucket_name);
            put.key(&key)
                .content_type("text/html")
                .body(bytes.clone().into())
                .send()
                .await?;
            let resource = alice.done(&image).await?;
            let url = resource["original"]["url"].as_str().context("a URL")?;
            let response = reqwest::get(url).await?;
            assert_eq!(response.status(), 200);
            let header = |name: &str| response.headers().get(name)?.to_str().ok();
            assert_eq!(header("content-type"), Some(content_type));
            assert_eq!(header("content-disposition"), disposition);
            assert_eq!(response.bytes().await?, bytes);
        }
        Ok(())
    });
}
