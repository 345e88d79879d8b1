//! The bucket for the functions' code.

use std::collections::BTreeMap;

use anyhow::Context as _;
use aws_config::SdkConfig;

use crate::package::archive::Archive;

const BUCKET: &str = "hikidashi-artifacts";

/// Uploads the archives and returns the `CodeUri` of each, by binary.
pub(super) async fn upload(
    config: &SdkConfig,
    archives: BTreeMap<String, Archive>,
) -> anyhow::Result<BTreeMap<String, String>> {
    let s3 = aws_sdk_s3::Client::from_conf(
        aws_sdk_s3::config::Builder::from(config)
            .force_path_style(true)
            .build(),
    );
    // In the default region, creating a bucket that the caller owns already is no error.
    s3.create_bucket()
        .bucket(BUCKET)
        .send()
        .await
        .context("can't create the bucket for the functions' code")?;
    let mut uris = BTreeMap::new();
    for (binary, archive) in archives {
        let key = format!("{binary}-{}.zip", archive.hash);
        s3.put_object()
            .bucket(BUCKET)
            .key(&key)
            .body(archive.bytes.into())
            .send()
            .await
            .with_context(|| format!("can't upload the code of {binary}"))?;
        uris.insert(binary, format!("s3://{BUCKET}/{key}"));
    }
    Ok(uris)
}
