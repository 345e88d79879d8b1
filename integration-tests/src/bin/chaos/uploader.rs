//! A user who uploads by the API and with temporary credentials.

use integration_tests::user::{Own, TestUser};
use local::stack::Stack;

/// A signed-in user and their temporary credentials.
pub(crate) struct Uploader<'a> {
    pub(crate) user: TestUser<'a>,
    pub(crate) own: Own,
}

impl<'a> Uploader<'a> {
    /// Creates a new user and signs it in.
    pub(crate) async fn new(stack: &'a Stack) -> anyhow::Result<Self> {
        let user = TestUser::new(stack).await?;
        let own = user.own().await?;
        Ok(Self { user, own })
    }
}
