//! Subjects of the comparison: the upload function of this project, and
//! `tools/bench/peers/upload-node`.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context as _, bail};
use tokio::process::Command;

use super::program::Program;
use local::package::build::{self, Profile};

const PEER: &str = "tools/bench/peers/upload-node";

/// A subject, in the order of the turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Subject {
    Ours,
    /// Node with the same caches and the same calls as this project's function.
    NodeCached,
    /// Node with the code of common tutorials.
    NodeClassic,
}

impl Subject {
    pub(super) const ALL: [Self; 3] = [Self::Ours, Self::NodeCached, Self::NodeClassic];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::NodeCached => "node_cached",
            Self::NodeClassic => "node_classic",
        }
    }
}

/// The built subjects.
#[derive(Debug)]
pub(super) struct Built {
    ours: PathBuf,
    node: PathBuf,
}

impl Built {
    /// Builds the function in release mode, and installs the peer's packages from its lock file,
    /// and its bundles.
    pub(super) async fn build() -> anyhow::Result<Self> {
        let mut ours = build::build(&["upload"], Profile::Release).await?;
        install(PEER).await?;
        Ok(Self {
            ours: ours.remove("upload").context("cargo built no upload")?,
            node: node().await?,
        })
    }

    /// Returns a subject as it would be deployed: Node from a minified bundle, which starts faster
    /// than its packages do.
    pub(super) fn program(
        &self,
        subject: Subject,
        environment: &BTreeMap<String, String>,
    ) -> Program {
        match subject {
            Subject::Ours => Program {
                executable: self.ours.clone(),
                arguments: Vec::new(),
                environment: environment.clone(),
            },
            Subject::NodeCached => self.node(Path::new("dist/cached.cjs"), environment),
            Subject::NodeClassic => self.node(Path::new("dist/classic.cjs"), environment),
        }
    }

    /// Returns the cached subject from its packages, to measure the effect of the bundle.
    pub(super) fn unbundled(&self, environment: &BTreeMap<String, String>) -> Program {
        self.node(Path::new("src/cached.mjs"), environment)
    }

    /// Returns the version, such as `v20.20.2`.
    pub(super) async fn node_version(&self) -> anyhow::Result<String> {
        let output = Command::new(&self.node).arg("--version").output().await?;
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    fn node(&self, script: &Path, environment: &BTreeMap<String, String>) -> Program {
        let mut environment = environment.clone();
        environment.insert("NODE_ENV".to_owned(), "production".to_owned());
        // The SDK warns every process on an older Node.
        environment.insert(
            "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED".to_owned(),
            "true".to_owned(),
        );
        Program {
            executable: self.node.clone(),
            arguments: vec![peer().join(script)],
            environment,
        }
    }
}

/// Returns the path of Node.
pub(super) async fn node() -> anyhow::Result<PathBuf> {
    let node = Command::new("node")
        .args(["--print", "process.execPath"])
        .output()
        .await
        .context("can't run node")?;
    Ok(String::from_utf8(node.stdout)?.trim().into())
}

/// Installs a peer's packages from its lock file, and builds its bundles.
pub(super) async fn install(peer: &str) -> anyhow::Result<()> {
    npm(peer, &["ci", "--no-audit", "--no-fund"]).await?;
    npm(peer, &["run", "build"]).await
}

fn peer() -> PathBuf {
    local::workspace::workspace().join(PEER)
}

async fn npm(peer: &str, arguments: &[&str]) -> anyhow::Result<()> {
    let status = Command::new("npm")
        .args(arguments)
        .current_dir(local::workspace::workspace().join(peer))
        .stdin(Stdio::null())
        // Standard output is for the results.
        .stdout(std::io::stderr())
        .status()
        .await
        .context("can't run npm")?;
    if !status.success() {
        bail!("npm {} failed in {peer}", arguments.join(" "));
    }
    Ok(())
}
