//! Requests of a user to the functions, without the gateway.

use anyhow::ensure;
use serde_json::{Value, json};

use crate::{
    invocation::{Invocation, encoded},
    stack::eventually,
    user::TestUser,
};

impl TestUser<'_> {
    /// Invokes a function with the user's id token.
    pub async fn invoke(
        &self,
        function: &str,
        method: &str,
        path: &str,
        body: Option<&[u8]>,
    ) -> anyhow::Result<(u64, Value)> {
        let body = body.map(encoded);
        let invocation = Invocation {
            function,
            method,
            path,
            headers: json!({"authorization": self.tokens.id}),
            body: body.as_deref(),
        };
        invocation.send(self.stack).await
    }

    /// Requests a presigned PUT for a file. Fails unless the API accepts the file.
    pub async fn presigned(&self, file: &Value) -> anyhow::Result<Value> {
        let body = file.to_string();
        let (status, answer) = self
            .invoke("upload", "POST", "/upload/presign", Some(body.as_bytes()))
            .await?;
        ensure!(status == 201, "{status}: {answer}");
        Ok(answer)
    }

    /// Waits until an image is ready.
    pub async fn processed(&self, image: &str) -> anyhow::Result<Value> {
        let path = format!("/images/{image}");
        let path = path.as_str();
        eventually("the image is ready", || async move {
            let (status, image) = self.invoke("images", "GET", path, None).await?;
            ensure!(status == 200, "{status}: {image}");
            ensure!(image["status"] != "failed", "{image}");
            Ok((image["status"] == "ready").then_some(image))
        })
        .await
    }
}
