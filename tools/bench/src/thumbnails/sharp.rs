//! Sharp's side: Node, the pinned package, and the strategies by which its users make several
//! sizes.

use std::{path::Path, process::Command};

use anyhow::{Context as _, bail, ensure};

/// Strategy of one pipeline per size, from the file's bytes.
pub(crate) const EACH: &str = "each";

/// Three strategies that decode once. The fastest on a file counts.
pub(crate) const ONCE: [&str; 3] = ["once-full", "once-largest", "once-cascade"];

/// Installs the packages of the lock file, unless they are installed.
pub(crate) fn install(folder: &Path) -> anyhow::Result<()> {
    let Ok(node) = Command::new("node").arg("--version").output() else {
        bail!("node is missing: the comparison with sharp needs Node.js 20.9 or later, with npm");
    };
    ensure!(
        node.status.success(),
        "node --version ended with {}",
        node.status
    );
    let status = Command::new("npm")
        .args([
            "ci",
            "--no-audit",
            "--no-fund",
            "--prefer-offline",
            "--loglevel=error",
        ])
        .current_dir(folder)
        .stdout(std::io::stderr())
        .status()
        .context("npm is missing: it comes with Node.js, or as a package of its own")?;
    ensure!(status.success(), "npm ci ended with {status}");
    Ok(())
}

/// Returns the command of the worker, on one thread.
pub(crate) fn worker(folder: &Path) -> Command {
    let mut command = Command::new("node");
    command
        .arg("worker.js")
        .current_dir(folder)
        .env("UV_THREADPOOL_SIZE", "1");
    command
}
