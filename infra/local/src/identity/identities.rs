//! Persistent identities: one for every user, until the user unlinks it.

use std::path::PathBuf;

use anyhow::Context;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// All identities that were ever issued.
///
/// A list instead of a map: a machine has few users, and the file stays readable.
#[derive(Debug, Default)]
pub(crate) struct Identities {
    file: Option<PathBuf>,
    known: Vec<Assignment>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Assignment {
    identity_pool_id: String,
    issuer: String,
    subject: String,
    identity_id: String,
    /// Whether the login was unlinked. The identity is inaccessible then, and not missing.
    #[serde(default)]
    unlinked: bool,
}

impl Identities {
    /// Reads the file, which need not exist yet. Every new identity is written to it.
    pub(crate) async fn open(file: PathBuf) -> anyhow::Result<Self> {
        let known = match tokio::fs::read(&file).await {
            Ok(text) => serde_json::from_slice(&text).with_context(|| {
                format!("{} does not hold a list of identities", file.display())
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", file.display()));
            }
        };
        Ok(Self {
            file: Some(file),
            known,
        })
    }

    /// Returns the user's identity in a pool, if it has one.
    pub(crate) fn find(&self, pool: &str, issuer: &str, subject: &str) -> Option<&str> {
        self.known
            .iter()
            .find(|known| {
                known.identity_pool_id == pool
                    && known.issuer == issuer
                    && known.subject == subject
                    && !known.unlinked
            })
            .map(|known| known.identity_id.as_str())
    }

    /// Takes the user's identity away, so that the next [`Self::assign`] makes a new one. Returns
    /// whether the user had this one.
    pub(crate) async fn unlink(
        &mut self,
        pool: &str,
        issuer: &str,
        subject: &str,
        identity_id: &str,
    ) -> anyhow::Result<bool> {
        if self.find(pool, issuer, subject) != Some(identity_id) {
            return Ok(false);
        }
        let mut known = self.known.clone();
        for one in &mut known {
            one.unlinked |= one.identity_id == identity_id;
        }
        self.save(known).await?;
        Ok(true)
    }

    /// Returns whether the pool ever issued this identity.
    pub(crate) fn contains(&self, pool: &str, identity_id: &str) -> bool {
        self.known
            .iter()
            .any(|known| known.identity_pool_id == pool && known.identity_id == identity_id)
    }

    /// Returns the user's identity, `<region>:<uuid>`, creating it if need be.
    ///
    /// A new identity is returned only after it was saved.
    pub(crate) async fn assign(
        &mut self,
        region: &str,
        pool: &str,
        issuer: &str,
        subject: &str,
    ) -> anyhow::Result<String> {
        if let Some(identity_id) = self.find(pool, issuer, subject) {
            return Ok(identity_id.to_owned());
        }
        let identity_id = format!("{region}:{}", Uuid::new_v4());
        let mut known = self.known.clone();
        known.push(Assignment {
            identity_pool_id: pool.to_owned(),
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
            identity_id: identity_id.clone(),
            unlinked: false,
        });
        self.save(known).await?;
        Ok(identity_id)
    }

    async fn save(&mut self, known: Vec<Assignment>) -> anyhow::Result<()> {
        if let Some(file) = &self.file {
            // Written to another file and renamed, so that a crash leaves no partial file.
            let aside = file.with_extension("new");
            tokio::fs::write(&aside, serde_json::to_vec_pretty(&known)?)
                .await
                .with_context(|| format!("cannot write {}", aside.display()))?;
            tokio::fs::rename(&aside, file)
                .await
                .with_context(|| format!("cannot write {}", file.display()))?;
        }
        self.known = known;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POOL: &str = "us-east-1:pool";

    async fn assign(identities: &mut Identities, issuer: &str, subject: &str) -> String {
        identities
            .assign("us-east-1", POOL, issuer, subject)
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn a_user_keeps_the_identity_and_shares_it_with_no_other_user() {
        let mut identities = Identities::default();

        let alice = assign(&mut identities, "one", "alice").await;

        assert!(
            alice.starts_with("us-east-1:") && alice.len() == 46,
            "{alice}"
        );
        assert_eq!(assign(&mut identities, "one", "alice").await, alice);
        assert_ne!(assign(&mut identities, "one", "bob").await, alice);
        assert_ne!(assign(&mut identities, "two", "alice").await, alice);
    }

    #[tokio::test]
    async fn an_unlinked_user_gets_a_new_identity_and_the_old_one_is_nobody_s() {
        let mut identities = Identities::default();
        let first = assign(&mut identities, "one", "alice").await;
        let bob = assign(&mut identities, "one", "bob").await;
        for (subject, identity) in [("alice", &bob), ("", &first), ("carol", &first)] {
            let unlinked = identities.unlink(POOL, "one", subject, identity).await;
            assert!(!unlinked.unwrap(), "{subject}");
        }

        let unlinked = identities.unlink(POOL, "one", "alice", &first).await;
        assert!(unlinked.unwrap());
        assert_ne!(assign(&mut identities, "one", "alice").await, first);
        assert!(identities.contains(POOL, &first));
        assert_eq!(assign(&mut identities, "one", "bob").await, bob);
    }

    #[tokio::test]
    async fn an_unlinked_identity_stays_unlinked_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("identities.json");
        let mut before = Identities::open(file.clone()).await.unwrap();
        let first = assign(&mut before, "one", "alice").await;
        assert!(before.unlink(POOL, "one", "alice", &first).await.unwrap());
        let second = assign(&mut before, "one", "alice").await;
        drop(before);

        let mut after = Identities::open(file).await.unwrap();

        assert_eq!(assign(&mut after, "one", "alice").await, second);
        assert!(after.contains(POOL, &first));
        // No subject finds it, not even one that is empty.
        assert_eq!(after.find(POOL, "one", ""), None);
    }

    #[tokio::test]
    async fn a_file_of_an_earlier_version_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("identities.json");
        let old = serde_json::json!([{
            "identityPoolId": POOL, "issuer": "one", "subject": "alice", "identityId": "i",
        }]);
        std::fs::write(&file, old.to_string()).unwrap();

        let identities = Identities::open(file).await.unwrap();

        assert_eq!(identities.find(POOL, "one", "alice"), Some("i"));
    }

    #[tokio::test]
    async fn identities_survive_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("identities.json");
        let mut before = Identities::open(file.clone()).await.unwrap();
        let alice = assign(&mut before, "one", "alice").await;
        drop(before);

        let after = Identities::open(file).await.unwrap();

        assert_eq!(after.find(POOL, "one", "alice"), Some(alice.as_str()));
        assert!(after.contains(POOL, &alice));
        assert!(!after.contains("us-east-1:other", &alice));
    }

    #[tokio::test]
    async fn an_identity_that_cannot_be_written_is_not_given_out() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("missing-folder/identities.json");
        let mut identities = Identities::open(file).await.unwrap();

        assert!(
            identities
                .assign("us-east-1", POOL, "one", "alice")
                .await
                .is_err()
        );
        assert_eq!(identities.find(POOL, "one", "alice"), None);
    }

    #[tokio::test]
    async fn a_broken_file_is_an_error_and_not_an_empty_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("identities.json");
        std::fs::write(&file, "[{").unwrap();

        assert!(Identities::open(file).await.is_err());
    }
}
