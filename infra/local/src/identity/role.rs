//! The template's authenticated role, copied for one identity.
//!
//! In AWS, `${cognito-identity.amazonaws.com:sub}` in a policy becomes the caller's identity when
//! the policy is evaluated. The emulator gives that variable no value. Therefore every identity
//! gets a copy of the role in which the variable is replaced by the identity, and nothing else is
//! changed: the tests test what the template allows.

mod conditions;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use aws_sdk_iam::Client;
use aws_sdk_iam::operation::create_role::CreateRoleError;
use percent_encoding::percent_decode_str;
use tokio::sync::Mutex;

/// The one policy variable that the emulator lacks.
const IDENTITY_VARIABLE: &str = "${cognito-identity.amazonaws.com:sub}";

/// The policies of a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Blueprint {
    /// Trust policy, copied without a change.
    trust: String,
    /// Inline permission policies by name.
    policies: BTreeMap<String, String>,
}

impl Blueprint {
    /// Returns the same role with the identity written into its permissions.
    ///
    /// Fails on any other Cognito key, because the emulator has no value for it either: a policy
    /// must not silently mean something else here.
    fn for_identity(&self, identity_id: &str) -> anyhow::Result<Self> {
        let mut copy = Self {
            trust: self.trust.clone(),
            policies: BTreeMap::new(),
        };
        for (name, document) in &self.policies {
            let document = document.replace(IDENTITY_VARIABLE, identity_id);
            let Some(document) = conditions::decided(&document, identity_id)? else {
                continue;
            };
            ensure!(
                !document
                    .to_ascii_lowercase()
                    .contains("cognito-identity.amazonaws.com:"),
                "policy {name} uses a Cognito key other than {IDENTITY_VARIABLE}"
            );
            copy.policies.insert(name.clone(), document);
        }
        Ok(copy)
    }
}

/// A copy of the role, and the blueprint that it was made from.
struct Copy {
    blueprint: Blueprint,
    arn: String,
}

/// The roles' copies, made one at a time for each identity.
pub(crate) struct Roles {
    iam: Client,
    copies: Mutex<HashMap<String, Arc<Mutex<Option<Copy>>>>>,
}

impl Roles {
    pub(crate) fn new(iam: Client) -> Self {
        Self {
            iam,
            copies: Mutex::default(),
        }
    }

    /// Reads a role (by name or ARN) with all its policies.
    ///
    /// Fails on attached managed policies and permission boundaries, which are not supported.
    pub(crate) async fn read(&self, role: &str) -> anyhow::Result<Blueprint> {
        let name = role.rsplit('/').next().unwrap_or(role);
        let found = self.iam.get_role().role_name(name).send().await?;
        let found = found.role().context("no role in the answer")?;
        if found.permissions_boundary().is_some() {
            bail!("role {name} has a permissions boundary, which is not copied");
        }
        let attached = self
            .iam
            .list_attached_role_policies()
            .role_name(name)
            .send()
            .await?;
        if let Some(policy) = attached.attached_policies().first() {
            bail!("role {name} has the managed policy {policy:?}, which is not copied");
        }
        let trust = plain_json(
            found
                .assume_role_policy_document()
                .context("role without a trust policy")?,
        )?;
        let mut policies = BTreeMap::new();
        for policy in self.inline_policies(name).await? {
            let found = self
                .iam
                .get_role_policy()
                .role_name(name)
                .policy_name(&policy)
                .send()
                .await?;
            policies.insert(policy, plain_json(found.policy_document())?);
        }
        Ok(Blueprint { trust, policies })
    }

    /// Returns the ARN of the identity's copy of `template`, creating or updating it if need be.
    pub(crate) async fn copy_for(
        &self,
        identity_id: &str,
        template: &Blueprint,
    ) -> anyhow::Result<String> {
        let copy = self
            .copies
            .lock()
            .await
            .entry(identity_id.to_owned())
            .or_default()
            .clone();
        let mut copy = copy.lock().await;
        if let Some(copy) = copy.as_ref().filter(|copy| copy.blueprint == *template) {
            return Ok(copy.arn.clone());
        }
        let name = copy_name(identity_id);
        let arn = self
            .write(&name, &template.for_identity(identity_id)?)
            .await
            .with_context(|| format!("cannot write role {name}"))?;
        *copy = Some(Copy {
            blueprint: template.clone(),
            arn: arn.clone(),
        });
        Ok(arn)
    }

    /// Brings all copies in line with `template`. On AWS, all users share the role, and a change of
    /// its policies reaches the sessions that they have already.
    pub(crate) async fn follow(&self, template: &Blueprint) -> anyhow::Result<()> {
        let identities: Vec<String> = self.copies.lock().await.keys().cloned().collect();
        for identity_id in identities {
            self.copy_for(&identity_id, template).await?;
        }
        Ok(())
    }

    /// Creates the role, or updates an existing one to match the blueprint.
    async fn write(&self, name: &str, blueprint: &Blueprint) -> anyhow::Result<String> {
        let created = self
            .iam
            .create_role()
            .role_name(name)
            .assume_role_policy_document(&blueprint.trust)
            .description("The authenticated role of one identity, local stack only")
            .send()
            .await;
        let role = match created {
            Ok(created) => created.role,
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(CreateRoleError::is_entity_already_exists_exception) =>
            {
                self.iam
                    .update_assume_role_policy()
                    .role_name(name)
                    .policy_document(&blueprint.trust)
                    .send()
                    .await?;
                self.iam.get_role().role_name(name).send().await?.role
            }
            Err(error) => return Err(error.into()),
        };
        for (policy, document) in &blueprint.policies {
            self.iam
                .put_role_policy()
                .role_name(name)
                .policy_name(policy)
                .policy_document(document)
                .send()
                .await?;
        }
        for policy in self.inline_policies(name).await? {
            if !blueprint.policies.contains_key(&policy) {
                self.iam
                    .delete_role_policy()
                    .role_name(name)
                    .policy_name(policy)
                    .send()
                    .await?;
            }
        }
        Ok(role.context("no role in the answer")?.arn)
    }

    async fn inline_policies(&self, role: &str) -> anyhow::Result<Vec<String>> {
        let names = self
            .iam
            .list_role_policies()
            .role_name(role)
            .into_paginator()
            .items()
            .send()
            .collect::<Result<_, _>>()
            .await?;
        Ok(names)
    }
}

/// Decodes a policy document. IAM returns them URL-encoded (RFC 3986).
fn plain_json(document: &str) -> anyhow::Result<String> {
    let document = percent_decode_str(document)
        .decode_utf8()
        .context("a policy document is not UTF-8")?;
    ensure!(
        document.trim_start().starts_with('{'),
        "a policy document is not JSON: {document:.40}"
    );
    Ok(document.into_owned())
}

/// Returns the name of a copy. A role name has at most 64 characters, without `:`; the longest
/// identity has 51.
fn copy_name(identity_id: &str) -> String {
    format!("identity-{}", identity_id.replace(':', "."))
}

#[cfg(test)]
mod tests;
