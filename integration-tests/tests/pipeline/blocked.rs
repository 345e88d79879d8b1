//! A blocked user: credentials and URLs that are given already stop, and come back.

use anyhow::Context as _;
use cli::blocked_users::{BlockedUsers, Change};
use common::identity_id::IdentityId;
use integration_tests::{
    denial::{assert_denied, text},
    images,
    stack::eventually,
    user::{Own, TestUser},
};
use local::stack::Stack;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{bad_input::assert_problem, root, with_stack};

/// The user's own credentials, and URLs, from before the block.
struct Given {
    own: Own,
    image: String,
    get: String,
    put: String,
}

impl Given {
    async fn to(user: &TestUser<'_>) -> anyhow::Result<Self> {
        let image = user.upload(images::jpeg(64, 64)).await?;
        let ready = user.ready(&image).await?;
        let file = json!({"contentType": "image/jpeg", "size": 3});
        let presign = user.request(Method::POST, "/upload/presign").json(&file);
        let presigned: Value = presign.send().await?.json().await?;
        let url = |value: &Value| value.as_str().map(str::to_owned).context("a URL");
        Ok(Self {
            own: user.own().await?,
            image,
            get: url(&ready["original"]["url"])?,
            put: url(&presigned["url"])?,
        })
    }

    async fn put(&self, user: &TestUser<'_>) -> anyhow::Result<Response> {
        let put = user.put(&self.put).header("content-type", "image/jpeg");
        Ok(put.header("if-none-match", "*").body("abc").send().await?)
    }

    async fn read(&self, stack: &Stack) -> bool {
        let key = format!(
            "original-files/dev/{}/{}.jpg",
            self.own.identity, self.image
        );
        let get = self.own.s3.get_object().key(key);
        let get = get.bucket(&stack.outputs().bucket_name);
        get.send().await.is_ok()
    }
}

#[test]
fn a_blocked_user_is_refused_everywhere_at_once_and_nobody_else_is() {
    with_stack(|stack| async move {
        let (alice, bob) = (TestUser::new(stack).await?, TestUser::new(stack).await?);
        let (hers, his) = (Given::to(&alice).await?, Given::to(&bob).await?);
        let identity = IdentityId::parse(&hers.own.identity)?;
        let role = &stack.outputs().authenticated_role_name;
        let blocked_users = BlockedUsers::new(stack.sdk_config(), role);
        let (hers, his, alice, bob) = (&hers, &his, &alice, &bob);

        assert_eq!(blocked_users.unblock(&identity).await?, Change::NotNeeded);
        assert_eq!(blocked_users.block(&identity).await?, Change::Made);
        assert_eq!(blocked_users.block(&identity).await?, Change::NotNeeded);
        assert!(blocked_users.list().await?.contains(identity.as_str()));
        eventually("her credentials are refused", || async move {
            Ok((!hers.read(stack).await).then_some(()))
        })
        .await?;

        assert_eq!(reqwest::get(&hers.get).await?.status(), 403);
        assert_eq!(hers.put(alice).await?.status(), 403);
        for own in [&hers.own, &alice.own().await?] {
            let get = own.dynamodb.get_item();
            let get = get.table_name(&stack.outputs().table_name);
            let get = get.key("identityId", text(&own.identity));
            let get = get.key("imageId", text(&hers.image));
            assert_denied("a blocked user's record", get.send().await);
        }
        let image = format!("/images/{}", hers.image);
        let file = json!({"contentType": "image/jpeg", "size": 3});
        for (row, request) in [
            ("list", alice.request(Method::GET, "/images")),
            ("read", alice.request(Method::GET, &image)),
            ("delete", alice.request(Method::DELETE, &image)),
            (
                "retry",
                alice.request(Method::POST, &format!("{image}/retry")),
            ),
            (
                "patch",
                alice
                    .request(Method::PATCH, &image)
                    .json(&json!({"caption": "x"})),
            ),
            (
                "upload",
                alice
                    .request(Method::POST, "/upload")
                    .body(images::jpeg(8, 8)),
            ),
            (
                "presign",
                alice.request(Method::POST, "/upload/presign").json(&file),
            ),
        ] {
            assert_problem(request.send().await?, 403, "access-denied", row).await?;
        }

        assert!(his.read(stack).await);
        assert_eq!(reqwest::get(&his.get).await?.status(), 200);
        bob.ready(&bob.upload(images::jpeg(64, 64)).await?).await?;

        // The worker works for a blocked user too: what was put before is processed.
        let late = Uuid::now_v7().to_string();
        let key = format!("original-files/dev/{}/{late}.jpg", hers.own.identity);
        let put = stack.s3().put_object().key(key);
        let put = put.bucket(&stack.outputs().bucket_name);
        put.body(images::jpeg(64, 64).into()).send().await?;
        let (owner, late) = (hers.own.identity.as_str(), late.as_str());
        eventually("the worker has processed it", || async move {
            let record = root::record(stack, owner, late).await?;
            Ok(record.filter(|record| record.get("status") == Some(&text("ready"))))
        })
        .await?;

        assert_eq!(blocked_users.unblock(&identity).await?, Change::Made);
        assert!(!blocked_users.list().await?.contains(identity.as_str()));
        eventually("her credentials hold again", || async move {
            Ok(hers.read(stack).await.then_some(()))
        })
        .await?;
        assert_eq!(reqwest::get(&hers.get).await?.status(), 200);
        assert_eq!(hers.put(alice).await?.status(), 200);
        assert_eq!(alice.get("/images").await?.0, 200);
        Ok(())
    });
}
