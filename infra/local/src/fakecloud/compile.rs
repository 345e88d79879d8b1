//! Building fakecloud from source.

use std::{collections::VecDeque, path::Path, process::Stdio, time::Instant};

use anyhow::{Context as _, bail};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::Command,
};

use super::{VERSION, find::install_root};
use crate::{console::Verbosity, package::build::cargo};

/// Number of crates that the build compiles, for the progress lines. It need not be exact.
const CRATES: usize = 790;

/// Crates that hash, parse and unpack. Unoptimised, they make a 5 MB `PUT` seven times slower;
/// optimising all crates instead would more than triple the build.
const OPTIMISED: [&str; 20] = [
    "sha1",
    "sha2",
    "md-5",
    "digest",
    "block-buffer",
    "generic-array",
    "crc32fast",
    "crc32c",
    "crc",
    "crc64fast-nvme",
    "base64",
    "hmac",
    "rsa",
    "num-bigint-dig",
    "crypto-bigint",
    "aes",
    "pbkdf2",
    "memchr",
    "miniz_oxide",
    "zip",
];

/// Compiles fakecloud and installs it under the cache.
///
/// An interrupted build resumes, because its folder stays until a build succeeds.
pub async fn compile(cache: &Path, verbosity: Verbosity) -> anyhow::Result<()> {
    verbosity.say(format_args!(
        "compiling the AWS emulator fakecloud {VERSION} into {}: about {CRATES} crates,\n\
         8 to 16 minutes on two cores, once. To use a binary that you have, set HIKIDASHI_FAKECLOUD.",
        cache.display()
    ));
    let build = cache.join("fakecloud-build");
    let mut build_run = cargo()
        .args(arguments(cache, &build, has_openssl().await))
        // A target folder or profile of the caller must not affect this build.
        .env_remove("CARGO_TARGET_DIR")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "0")
        .env("CARGO_PROFILE_RELEASE_STRIP", "true")
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_TERM_COLOR", "never")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("can't run cargo")?;
    let output = build_run
        .stderr
        .take()
        .context("cargo's output is missing")?;
    let tail = follow(output, verbosity).await?;
    if !build_run.wait().await?.success() {
        bail!("installing fakecloud failed:\n{tail}");
    }
    // The build folder, 2 GB, is not needed again. A failure to remove it is ignored.
    drop(std::fs::remove_dir_all(build));
    Ok(())
}

/// Prints a progress line for every few compiled crates and returns the last lines of the output.
async fn follow(
    output: impl tokio::io::AsyncRead + Unpin,
    verbosity: Verbosity,
) -> anyhow::Result<String> {
    let mut lines = BufReader::new(output).lines();
    let mut tail = VecDeque::new();
    let mut compiled = 0_usize;
    let started = Instant::now();
    while let Some(line) = lines.next_line().await? {
        if line.trim_start().starts_with("Compiling ") {
            compiled += 1;
            if compiled.is_multiple_of(50) {
                let minutes = started.elapsed().as_secs_f64() / 60.0;
                verbosity.say(format_args!(
                    "  {compiled} of about {CRATES} crates, {minutes:.1} min"
                ));
            }
        }
        tail.push_back(line);
        if tail.len() > 40 {
            tail.pop_front();
        }
    }
    Ok(Vec::from(tail).join("\n"))
}

fn arguments(cache: &Path, build: &Path, openssl: Openssl) -> Vec<String> {
    // `--force` replaces a binary that does not run here, or that cargo did not install.
    let mut arguments: Vec<String> = [
        "install",
        "fakecloud",
        "--locked",
        "--force",
        "--version",
        VERSION,
    ]
    .map(str::to_owned)
    .into();
    arguments.extend([
        "--root".to_owned(),
        install_root(cache).display().to_string(),
    ]);
    arguments.extend(["--target-dir".to_owned(), build.display().to_string()]);
    if openssl == Openssl::Missing {
        arguments.extend(["--features", "vendored-openssl"].map(str::to_owned));
    }
    for name in OPTIMISED {
        arguments.push("--config".to_owned());
        arguments.push(format!("profile.release.package.{name}.opt-level=3"));
    }
    arguments
}

/// Whether OpenSSL's headers are installed; without them fakecloud builds its own copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Openssl {
    Present,
    Missing,
}

async fn has_openssl() -> Openssl {
    let present = Command::new("pkg-config")
        .args(["--exists", "openssl"])
        .status()
        .await
        .is_ok_and(|status| status.success());
    if present {
        Openssl::Present
    } else {
        Openssl::Missing
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Openssl, arguments, follow};
    use crate::console::Verbosity;

    #[test]
    fn openssl_is_built_along_only_where_its_headers_are_missing() {
        let with = |openssl| arguments(Path::new("/c"), Path::new("/b"), openssl);
        assert!(with(Openssl::Missing).contains(&"vendored-openssl".to_owned()));
        assert!(!with(Openssl::Present).contains(&"vendored-openssl".to_owned()));
    }

    #[test]
    fn the_root_names_the_version_so_that_another_version_is_another_install() {
        let arguments = arguments(Path::new("/c"), Path::new("/b"), Openssl::Present);
        assert!(arguments.contains(&"/c/fakecloud-0.51.0".to_owned()));
    }

    #[test]
    fn a_binary_that_does_not_run_is_replaced() {
        let arguments = arguments(Path::new("/c"), Path::new("/b"), Openssl::Present);
        assert!(arguments.contains(&"--force".to_owned()));
    }

    #[tokio::test]
    async fn a_failed_build_keeps_its_last_lines() {
        let output = b"   Compiling a v1.0.0\nerror: no linker\n";
        let tail = follow(output.as_slice(), Verbosity::Quiet).await.unwrap();
        assert!(tail.ends_with("error: no linker"));
    }
}
