//! Baselines of the cold starts: the same functions in Node, from their packages and from bundles.

use std::collections::BTreeMap;

use super::{program::Program, subject};

const UPLOAD: &str = "tools/bench/peers/upload-node";
const THUMBNAIL: &str = "tools/bench/peers/thumbnail-node";

/// Name, folder, script, and the function that it is compared with. A minified bundle is the usual
/// deployment for fast starts; sharp is native, and stays a package.
const PEERS: [(&str, &str, &str, &str); 4] = [
    ("node_upload", UPLOAD, "src/cached.mjs", "upload"),
    ("node_upload_bundled", UPLOAD, "dist/cached.cjs", "upload"),
    (
        "node_sdk_and_sharp",
        THUMBNAIL,
        "src/worker.cjs",
        "thumbnail",
    ),
    (
        "node_sdk_and_sharp_bundled",
        THUMBNAIL,
        "dist/worker.cjs",
        "thumbnail",
    ),
];

/// Installs the peers and returns their programs, with names.
pub(super) async fn programs() -> anyhow::Result<Vec<(&'static str, Program)>> {
    for peer in [UPLOAD, THUMBNAIL] {
        subject::install(peer).await?;
    }
    let node = subject::node().await?;
    let environment = BTreeMap::from([
        ("NODE_ENV".to_owned(), "production".to_owned()),
        (
            "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED".to_owned(),
            "true".to_owned(),
        ),
    ]);
    let program = |(name, folder, script, _)| {
        let program = Program {
            executable: node.clone(),
            arguments: vec![local::workspace::workspace().join(folder).join(script)],
            environment: environment.clone(),
        };
        (name, program)
    };
    Ok(PEERS.map(program).into())
}

/// Returns the name of the function that a peer is compared with.
pub(super) fn compared_with(name: &str) -> &'static str {
    let peer = PEERS.iter().find(|(peer, ..)| *peer == name);
    peer.map_or("", |(.., ours)| ours)
}
