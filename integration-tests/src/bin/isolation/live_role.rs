//! A role of the running local stack, whose policies can be changed temporarily.

use anyhow::Context as _;
use aws_sdk_iam::Client;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::target::Target;

/// A role with its trust policy and its inline policies, as they were when read.
#[derive(Clone, Debug)]
pub(crate) struct LiveRole {
    iam: Client,
    name: String,
    trust: Value,
    /// Inline policies by name.
    pub(crate) policies: Vec<(String, Value)>,
}

impl LiveRole {
    /// Reads a role of the stack.
    pub(crate) async fn read(target: &Target, logical_id: &str) -> anyhow::Result<Self> {
        let iam = Client::new(&target.config);
        let name = target.physical(logical_id)?;
        let role = iam.get_role().role_name(&name).send().await?;
        let trust = role
            .role()
            .and_then(|role| role.assume_role_policy_document());
        let trust = parsed(trust.context("a role without a trust policy")?)?;
        let listed = iam.list_role_policies().role_name(&name).send().await?;
        let mut policies = Vec::new();
        for policy in listed.policy_names() {
            let found = iam
                .get_role_policy()
                .role_name(&name)
                .policy_name(policy)
                .send()
                .await?;
            policies.push((policy.clone(), parsed(found.policy_document())?));
        }
        Ok(Self {
            iam,
            name,
            trust,
            policies,
        })
    }

    /// Returns the policy with a name.
    pub(crate) fn policy(&self, name: &str) -> anyhow::Result<&Value> {
        let found = self.policies.iter().find(|(policy, _)| policy == name);
        Ok(&found.with_context(|| format!("no policy {name}"))?.1)
    }

    /// Returns the trust policy.
    pub(crate) fn trust(&self) -> &Value {
        &self.trust
    }

    /// Replaces an inline policy.
    pub(crate) async fn put(&self, policy: &str, document: &Value) -> anyhow::Result<()> {
        self.iam
            .put_role_policy()
            .role_name(&self.name)
            .policy_name(policy)
            .policy_document(document.to_string())
            .send()
            .await?;
        Ok(())
    }

    /// Replaces the trust policy.
    pub(crate) async fn put_trust(&self, document: &Value) -> anyhow::Result<()> {
        self.iam
            .update_assume_role_policy()
            .role_name(&self.name)
            .policy_document(document.to_string())
            .send()
            .await?;
        Ok(())
    }

    /// Restores all policies of the role.
    pub(crate) async fn restore(&self) -> anyhow::Result<()> {
        for (policy, document) in &self.policies {
            self.put(policy, document).await?;
        }
        self.put_trust(&self.trust).await
    }
}

/// Parses a policy document, which IAM returns URL-encoded.
fn parsed(document: &str) -> anyhow::Result<Value> {
    let text = percent_decode_str(document).decode_utf8()?;
    serde_json::from_str(&text).with_context(|| text.into_owned())
}
