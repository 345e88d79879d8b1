//! Listings and single reads.

use anyhow::Context;

use crate::with_stack;
use integration_tests::{images, user::TestUser};

#[test]
fn a_listing_goes_from_new_to_old_in_pages() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let mut uploaded = Vec::new();
        for _ in 0..5 {
            uploaded.push(alice.upload(images::jpeg(32, 32)).await?);
        }
        uploaded.reverse();
        let mut listed = Vec::new();
        let mut path = "/images?limit=2".to_owned();
        let mut pages = 0;
        loop {
            let (status, page) = alice.get(&path).await?;
            assert_eq!(status, 200, "{page}");
            pages += 1;
            let items = page["items"].as_array().context("items")?;
            assert!(items.len() <= 2);
            listed.extend(
                items
                    .iter()
                    .filter_map(|item| item["imageId"].as_str())
                    .map(str::to_owned),
            );
            match page["nextCursor"].as_str() {
                Some(cursor) => path = format!("/images?limit=2&cursor={cursor}"),
                None => break,
            }
        }
        assert_eq!((listed, pages), (uploaded, 3));
        Ok(())
    });
}

#[test]
fn a_listing_never_shows_another_user_s_images() {
    with_stack(|stack| async move {
        let (alice, bob) = (TestUser::new(stack).await?, TestUser::new(stack).await?);
        let hers = alice.upload(images::jpeg(32, 32)).await?;
        let his = bob.upload(images::jpeg(32, 32)).await?;
        for (user, image) in [(&alice, &hers), (&bob, &his)] {
            let items = user.items().await?;
            assert_eq!(items.len(), 1);
            assert_eq!(items[0]["imageId"], *image);
        }
        Ok(())
    });
}

#[test]
fn another_user_s_image_is_the_same_404_as_a_missing_image() {
    with_stack(|stack| async move {
        let (alice, bob) = (TestUser::new(stack).await?, TestUser::new(stack).await?);
        let hers = alice.upload(images::jpeg(32, 32)).await?;
        let never = "0190a5d0-7bcd-7abc-8def-0123456789ab";
        let mut answers = Vec::new();
        for id in [hers.as_str(), never] {
            let response = bob
                .request(reqwest::Method::GET, &format!("/images/{id}"))
                .send()
                .await?;
            let mut headers: Vec<_> = response.headers().keys().map(ToString::to_string).collect();
            headers.sort();
            let status = response.status();
            answers.push((status, headers, response.text().await?.replace(id, "ID")));
        }
        assert_eq!(answers[0], answers[1]);
        assert_eq!(answers[0].0, 404);
        assert!(answers[0].2.contains("image-not-found"), "{}", answers[0].2);
        Ok(())
    });
}

#[test]
fn an_upload_that_was_given_up_is_not_listed() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let own = alice.own().await?;
        let kept = alice.upload(images::jpeg(32, 32)).await?;
        let given_up = uuid::Uuid::now_v7().to_string();
        own.dynamodb
            .update_item()
            .table_name(&stack.outputs().table_name)
            .key(
                "identityId",
                aws_sdk_dynamodb::types::AttributeValue::S(own.identity.clone()),
            )
            .key(
                "imageId",
                aws_sdk_dynamodb::types::AttributeValue::S(given_up.clone()),
            )
            .update_expression("SET expiresAt = :past")
            .expression_attribute_values(
                ":past",
                aws_sdk_dynamodb::types::AttributeValue::N("1000".into()),
            )
            .send()
            .await?;
        let items = alice.items().await?;
        assert_eq!(items.len(), 1);
        assert_eq!(items[0]["imageId"], kept);
        assert_eq!(alice.get(&format!("/images/{given_up}")).await?.0, 404);
        Ok(())
    });
}
