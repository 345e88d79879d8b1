//! The gallery's configuration.

use std::collections::BTreeMap;

use anyhow::Context as _;

use crate::users::DEMO_USERS;
use crate::{
    deploy::outputs::Outputs,
    proxy::{
        gallery::{DemoUser, Page, PageConfig},
        user_pool,
    },
    users::{PASSWORD, email},
};

/// Builds the page of a stack, with its demo users.
///
/// `pairs` are all outputs: `MaxImageBytes`, `SelfSignUp` and `HostedUiUrl` are not part of
/// [`Outputs`].
pub(super) fn page(
    outputs: &Outputs,
    pairs: &BTreeMap<String, String>,
    s3_url: &str,
) -> anyhow::Result<Page> {
    let max_image_bytes = pairs
        .get("MaxImageBytes")
        .and_then(|bytes| bytes.parse().ok())
        .context("the stack's output MaxImageBytes is no number")?;
    let demo_users = DEMO_USERS.map(|name| DemoUser {
        email: email(name),
        password: PASSWORD.to_owned(),
    });
    Ok(Page {
        config: PageConfig {
            region: outputs.region.clone(),
            user_pool_id: outputs.user_pool_id.clone(),
            client_id: outputs.user_pool_client_id.clone(),
            sign_in_url: user_pool::PATH.to_owned(),
            max_image_bytes,
            self_sign_up: pairs.get("SelfSignUp").is_some_and(|value| value == "on"),
            hosted_ui_url: pairs.get("HostedUiUrl").cloned(),
            demo_users: demo_users.into(),
        },
        s3_url: s3_url.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTED_UI_URL: &str = "https://hikidashi.auth.us-east-1.amazoncognito.com";

    /// Builds the page's configuration from the outputs that every stack has, and further ones.
    fn config(further: &[(&str, &str)]) -> PageConfig {
        let outputs = Outputs {
            api_id: String::new(),
            api_url: String::new(),
            authenticated_role_name: String::new(),
            bucket_name: String::new(),
            dead_letter_queue_url: String::new(),
            events_queue_url: String::new(),
            identity_pool_id: String::new(),
            queue_url: String::new(),
            retry_queue_url: String::new(),
            region: "us-east-1".into(),
            unreadable_queue_url: String::new(),
            table_name: String::new(),
            user_pool_client_id: "client".into(),
            user_pool_id: "us-east-1_pool".into(),
        };
        let pairs = [("MaxImageBytes", "5")]
            .iter()
            .chain(further)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        page(&outputs, &pairs, "http://127.0.0.1:9").unwrap().config
    }

    #[test]
    fn a_stack_without_further_outputs_offers_neither_sign_up_nor_a_hosted_ui() {
        let config = config(&[]);
        assert!(!config.self_sign_up);
        assert_eq!(config.hosted_ui_url, None);
    }

    #[test]
    fn sign_up_is_offered_only_where_the_output_says_on() {
        assert!(config(&[("SelfSignUp", "on")]).self_sign_up);
        assert!(!config(&[("SelfSignUp", "off")]).self_sign_up);
    }

    #[test]
    fn the_hosted_ui_is_where_the_output_says() {
        let config = config(&[("HostedUiUrl", HOSTED_UI_URL)]);
        assert_eq!(config.hosted_ui_url.as_deref(), Some(HOSTED_UI_URL));
    }
}
