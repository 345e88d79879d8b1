//! Users whose credentials are refused: a denial in a policy of the users' role.

use std::{collections::BTreeSet, error::Error};

use aws_config::SdkConfig;
use aws_sdk_iam::{Client, error::SdkError, operation::get_role_policy::GetRolePolicyError};
use common::identity_id::IdentityId;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use thiserror::Error;

/// The name of the inline policy. `infra/stack.py` removes it before it deletes a stack.
const POLICY: &str = "blocked-users";

/// The condition key with the identity id of a session.
const IDENTITY: &str = "cognito-identity.amazonaws.com:sub";

/// The most users that can be blocked: the policies of a role have 10,240 characters together, of
/// which the template's take at most 4,100, and an identity id takes up to 54.
pub const MAX_BLOCKED: usize = 110;

/// What a command has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The list was changed.
    Made,
    /// The list was as wanted before.
    NotNeeded,
}

/// An error, with its cause as the source.
#[derive(Debug, Error)]
pub enum BlockError {
    /// IAM returned an error.
    #[error("the policy {POLICY} of the role {role} can't be {verb}")]
    Iam {
        /// Name of the role.
        role: String,
        /// What was to be done with the policy.
        verb: &'static str,
        /// Error of IAM.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The policy was not written by this command.
    #[error("the policy {POLICY} of the role {0} has another form; remove it, and block again")]
    Foreign(String),
    /// The role's policies have no room for more.
    #[error(
        "{MAX_BLOCKED} users are blocked, and a role's policies have no room for more; disable \
         users in the user pool, and unblock them after an hour"
    )]
    Full,
}

/// The list of blocked users, in the policies of the users' role.
///
/// The denial is of everything, and of those sessions that an identity has already, too: IAM
/// evaluates the role's policies at every request, and at every use of a presigned URL.
#[derive(Clone, Debug)]
pub struct BlockedUsers {
    iam: Client,
    role: String,
}

impl BlockedUsers {
    /// Describes the list of a role, by the role's name or ARN. Nothing is read.
    pub fn new(sdk: &SdkConfig, role: &str) -> Self {
        let name = role.rsplit('/').next().unwrap_or(role);
        Self {
            iam: Client::new(sdk),
            role: name.to_owned(),
        }
    }

    /// Blocks a user.
    pub async fn block(&self, identity: &IdentityId) -> Result<Change, BlockError> {
        let mut blocked = self.list().await?;
        if !blocked.insert(identity.to_string()) {
            return Ok(Change::NotNeeded);
        }
        if blocked.len() > MAX_BLOCKED {
            return Err(BlockError::Full);
        }
        self.write(&blocked).await
    }

    /// Unblocks a user.
    pub async fn unblock(&self, identity: &IdentityId) -> Result<Change, BlockError> {
        let mut blocked = self.list().await?;
        if !blocked.remove(identity.as_str()) {
            return Ok(Change::NotNeeded);
        }
        self.write(&blocked).await
    }

    /// Lists the identity ids of the blocked users.
    pub async fn list(&self) -> Result<BTreeSet<String>, BlockError> {
        let read = self
            .iam
            .get_role_policy()
            .role_name(&self.role)
            .policy_name(POLICY)
            .send()
            .await;
        let found = match read {
            Ok(found) => found,
            Err(SdkError::ServiceError(error))
                if matches!(error.err(), GetRolePolicyError::NoSuchEntityException(_)) =>
            {
                return Ok(BTreeSet::new());
            }
            Err(error) => return Err(self.failed("read", error)),
        };
        listed(&found.policy_document).ok_or_else(|| BlockError::Foreign(self.role.clone()))
    }

    async fn write(&self, blocked: &BTreeSet<String>) -> Result<Change, BlockError> {
        if blocked.is_empty() {
            self.iam
                .delete_role_policy()
                .role_name(&self.role)
                .policy_name(POLICY)
                .send()
                .await
                .map_err(|error| self.failed("removed", error))?;
        } else {
            self.iam
                .put_role_policy()
                .role_name(&self.role)
                .policy_name(POLICY)
                .policy_document(document(blocked).to_string())
                .send()
                .await
                .map_err(|error| self.failed("written", error))?;
        }
        Ok(Change::Made)
    }

    fn failed(
        &self,
        verb: &'static str,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> BlockError {
        BlockError::Iam {
            role: self.role.clone(),
            verb,
            source: source.into(),
        }
    }
}

/// Makes the policy. Another `Deny` only takes rights away, so nothing that is proved of the
/// template's policies can become false.
fn document(blocked: &BTreeSet<String>) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "BlockedUsers",
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": { "StringEquals": { IDENTITY: blocked } },
        }],
    })
}

/// Reads the users of a policy, which IAM returns URL-encoded. `None` unless this module has
/// written it.
fn listed(encoded: &str) -> Option<BTreeSet<String>> {
    let text = percent_decode_str(encoded).decode_utf8().ok()?;
    let policy: Value = serde_json::from_str(&text).ok()?;
    let users = &policy["Statement"][0]["Condition"]["StringEquals"][IDENTITY];
    let users: BTreeSet<String> = users
        .as_array()?
        .iter()
        .filter_map(|user| user.as_str().map(str::to_owned))
        .collect();
    (policy == document(&users)).then_some(users)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn users(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_policy_is_read_as_it_was_written() {
        for some in [
            users(&["eu-west-1:a"]),
            users(&["eu-west-1:a", "eu-west-1:b"]),
        ] {
            let encoded = document(&some).to_string().replace('{', "%7B");
            assert_eq!(listed(&encoded), Some(some));
        }
    }

    #[test]
    fn a_policy_of_another_form_is_not_touched() {
        let mut wider = document(&users(&["a"]));
        wider["Statement"][0]["Action"] = json!("s3:*");
        for policy in [wider.to_string(), "{}".to_owned(), "%FF".to_owned()] {
            assert_eq!(listed(&policy), None, "{policy}");
        }
    }

    /// 10,240 characters less the template's 4,100 (`infra/local/tests/ceilings.rs`).
    #[test]
    fn the_longest_list_fits_into_the_role_s_policies() {
        let longest = |number| format!("ap-southeast-4:{number:036}");
        let full: BTreeSet<String> = (0..MAX_BLOCKED).map(longest).collect();
        assert_eq!(full.len(), MAX_BLOCKED);
        assert!(document(&full).to_string().len() <= 10_240 - 4_100);
    }
}
