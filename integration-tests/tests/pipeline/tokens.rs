//! Which tokens open a drawer.

use reqwest::Method;

use crate::{person::Person, pictures, world::with_stack};

#[test]
fn without_an_id_token_nobody_gets_past_the_gateway() {
    with_stack(|stack| async move {
        let alice = Person::new(stack).await?;
        let (head, signature) = alice.tokens.id.rsplit_once('.').expect("a token");
        let (header, _) = head.split_once('.').expect("a token");
        let tampered = format!("{header}.eyJ0b2tlbl91c2UiOiJpZCJ9.{signature}");
        for (row, token) in [
            ("an access token", alice.tokens.access.as_str()),
            ("a refresh token", alice.tokens.refresh.as_str()),
            ("tampered", tampered.as_str()),
            ("no signature", head),
            ("garbage", "garbage"),
            ("nothing", ""),
        ] {
            for (method, path) in [
                (Method::POST, "/upload"),
                (Method::GET, "/images"),
                (Method::GET, "/images/x"),
            ] {
                let request = alice
                    .request_with(method, path, token)
                    .body(pictures::jpeg(32, 32));
                let status = request.send().await?.status().as_u16();
                assert!(matches!(status, 401 | 403), "{row} at {path}: {status}");
            }
        }
        let bare = reqwest::get(format!("{}/images", stack.api_url()))
            .await?
            .status()
            .as_u16();
        assert!(matches!(bare, 401 | 403), "{bare}");
        assert!(alice.items().await?.is_empty());
        Ok(())
    });
}

#[test]
fn the_token_may_come_without_its_scheme() {
    with_stack(|stack| async move {
        let alice = Person::new(stack).await?;
        let response = reqwest::Client::new()
            .get(format!("{}/images", stack.api_url()))
            .header("Authorization", &alice.tokens.id)
            .send()
            .await?;
        assert_eq!(response.status(), 200);
        Ok(())
    });
}

#[test]
fn an_access_token_gets_no_credentials_from_the_identity_pool_either() {
    with_stack(|stack| async move {
        let alice = Person::new(stack).await?;
        alice.exchange(&alice.tokens.id).await?;
        let error = alice
            .exchange(&alice.tokens.access)
            .await
            .expect_err("no credentials");
        assert!(
            format!("{error:?}").contains("NotAuthorizedException"),
            "{error:?}"
        );
        Ok(())
    });
}

#[test]
fn the_same_user_has_the_same_identity_at_every_sign_in() {
    with_stack(|stack| async move {
        let alice = Person::new(stack).await?;
        let (first, _) = alice.exchange(&alice.tokens.id).await?;
        let again = stack.sign_in(&alice.user).await?;
        assert_ne!(again.id, alice.tokens.id);
        let (second, _) = alice.exchange(&again.id).await?;
        assert_eq!(first, second);

        let image = alice.upload(pictures::jpeg(32, 32)).await?;
        let response = alice
            .request_with(Method::GET, &format!("/images/{image}"), &again.id)
            .send()
            .await?;
        assert_eq!(response.status(), 200);
        Ok(())
    });
}

#[test]
fn an_identity_is_not_the_user_s_sub() {
    with_stack(|stack| async move {
        let (alice, bob) = (Person::new(stack).await?, Person::new(stack).await?);
        let (hers, his) = (alice.own().await?.identity, bob.own().await?.identity);
        assert_ne!(hers, his);
        assert!(
            hers.starts_with(&format!("{}:", stack.outputs().region)),
            "{hers}"
        );
        Ok(())
    });
}
