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
/// `pairs` are all outputs: `MaxImageBytes` is not part of [`Outputs`].
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
            demo_users: demo_users.into(),
        },
        s3_url: s3_url.to_owned(),
    })
}
