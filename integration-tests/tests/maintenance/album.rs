//! A user with many images, and the invariant of their data.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, ensure};
use local::stack::Stack;
use serde_json::Value;
use uuid::Uuid;

use crate::fixtures;
use integration_tests::{images, stack::eventually, user::TestUser};

pub(crate) struct Album {
    pub(crate) stack: &'static Stack,
    pub(crate) identity: String,
    /// The image ids, oldest first.
    pub(crate) images: Vec<String>,
}

impl Album {
    /// Creates a user with `count` images and waits until all are processed.
    pub(crate) async fn of(stack: &'static Stack, count: u32) -> anyhow::Result<Self> {
        let user = TestUser::new(stack).await?;
        let own = user.own().await?;
        let mut album = Self {
            stack,
            identity: own.identity.clone(),
            images: Vec::new(),
        };
        for number in 0..count {
            let image = Uuid::now_v7().to_string();
            own.s3
                .put_object()
                .bucket(&stack.outputs().bucket_name)
                .key(album.original(&image))
                // Each image has another size, so that no two have the same bytes.
                .body(images::jpeg(40 + number, 32).into())
                .send()
                .await?;
            album.images.push(image);
        }
        album.becomes_whole().await?;
        Ok(album)
    }

    pub(crate) fn original(&self, image: &str) -> String {
        format!("original-files/dev/{}/{image}.jpg", self.identity)
    }

    pub(crate) fn variant(&self, image: &str, name: &str) -> String {
        format!("thumbnails/dev/{}/{image}/{name}.jpg", self.identity)
    }

    pub(crate) async fn originals(&self) -> anyhow::Result<BTreeMap<String, String>> {
        fixtures::objects(
            self.stack,
            &format!("original-files/dev/{}/", self.identity),
        )
        .await
    }

    pub(crate) async fn variants(&self) -> anyhow::Result<BTreeMap<String, String>> {
        fixtures::objects(self.stack, &format!("thumbnails/dev/{}/", self.identity)).await
    }

    pub(crate) async fn records(&self) -> anyhow::Result<BTreeMap<String, fixtures::Item>> {
        fixtures::records(self.stack, &self.identity).await
    }

    /// Puts other bytes over an original, and waits until the worker is done. It completes such a
    /// record twice.
    pub(crate) async fn replace(&self, image: &str, bytes: Vec<u8>) -> anyhow::Result<()> {
        let key = self.original(image);
        self.more_outcomes(&key, "Ready", 0).await?;
        let before = self.outcomes(&key, "Ready")?;
        fixtures::put(self.stack, &key, bytes).await?;
        self.more_outcomes(&key, "Ready", before).await?;
        self.becomes_whole().await
    }

    /// Counts the log lines in which the worker finished this original with this outcome. Each is
    /// the last of its event.
    pub(crate) fn outcomes(&self, key: &str, outcome: &str) -> anyhow::Result<usize> {
        let log = self
            .stack
            .logs()
            .join("containers/logs/hikidashi-dev-thumbnail.log");
        let log = std::fs::read_to_string(log)?;
        Ok(log
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter(|line| line["message"] == "S3 event processed")
            .filter(|line| line["key"] == key && line["outcome"] == outcome)
            .count())
    }

    /// Waits for more of these log lines.
    pub(crate) async fn more_outcomes(
        &self,
        key: &str,
        outcome: &str,
        than: usize,
    ) -> anyhow::Result<()> {
        eventually("the worker is done", || async move {
            Ok((self.outcomes(key, outcome)? > than).then_some(()))
        })
        .await
    }

    pub(crate) async fn becomes_whole(&self) -> anyhow::Result<()> {
        eventually("the invariant holds", || async move {
            Ok(self.invariant().await.is_ok().then_some(()))
        })
        .await
        .map_err(|error| error.context("the album is not whole"))
    }

    /// Checks that every original has one record, `ready` and with the `ETag` of the original, and
    /// the variants that it names, as they were written; and that there are no other records or
    /// variants.
    pub(crate) async fn invariant(&self) -> anyhow::Result<()> {
        let originals = self.originals().await?;
        let mut variants = self.variants().await?;
        let mut records = self.records().await?;
        for (key, tag) in &originals {
            let image = key
                .rsplit('/')
                .next()
                .and_then(|file| file.strip_suffix(".jpg"))
                .context("an image")?;
            let record = records
                .remove(image)
                .with_context(|| format!("no record of {image}"))?;
            let status = record.get("status").and_then(|status| status.as_s().ok());
            ensure!(status.is_some_and(|status| status == "ready"), "{record:?}");
            ensure!(!record.contains_key("expiresAt"), "{record:?}");
            let known = record["original"].as_m().ok().context("a map")?["etag"]
                .as_s()
                .ok()
                .context("a tag")?;
            ensure!(
                tag.trim_matches('"') == known,
                "{record:?} is of other bytes than {tag}"
            );
            let thumbnails = record["thumbnails"].as_l().ok().context("a list")?;
            let mut names = BTreeSet::new();
            for thumbnail in thumbnails {
                let thumbnail = thumbnail.as_m().ok().context("a map")?;
                let value = |name: &str| {
                    let value = thumbnail.get(name).and_then(|value| value.as_s().ok());
                    value.with_context(|| format!("no {name} in {thumbnail:?}"))
                };
                let key = self.variant(image, value("name")?);
                let tag = variants.remove(&key).with_context(|| format!("no {key}"))?;
                ensure!(tag.trim_matches('"') == value("etag")?, "{key} was changed");
                names.insert(value("name")?.clone());
            }
            ensure!(names.len() == 3, "{names:?} of {image}");
        }
        ensure!(variants.is_empty(), "left over: {variants:?}");
        ensure!(records.is_empty(), "left over: {records:?}");
        Ok(())
    }
}
