//! The presigned URLs of an image.

use integration_tests::{images, user::TestUser};

use crate::with_stack;

#[test]
fn a_presigned_url_without_its_signature_is_denied() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let image = alice.upload(images::jpeg(64, 64)).await?;
        let ready = alice.ready(&image).await?;
        let url = ready["original"]["url"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let bare = url.split('?').next().unwrap_or_default();
        assert_eq!(reqwest::get(&url).await?.status(), 200);
        assert_eq!(
            reqwest::get(bare).await?.status(),
            403,
            "without its signature"
        );
        Ok(())
    });
}
