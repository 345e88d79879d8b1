//! Installing fakecloud from a release archive.
//!
//! Upstream's workflow (`.github/workflows/release.yml` of
//! <https://github.com/faiscadev/fakecloud>) publishes, for each tag `v<version>` and platform, the
//! archive `fakecloud-v<version>-<platform>.tar.gz`, which contains a folder of the same name with
//! the binary in it, and the output of `shasum -a 256` as `<archive>.sha256`. It publishes neither
//! signatures nor attestations.

mod download;
pub(super) mod error;
mod probe;
#[cfg(test)]
mod tests;
mod unpack;

use std::{net::IpAddr, path::Path, time::Duration};

use anyhow::bail;
use reqwest::Url;

use self::{download::Downloads, error::ReleaseError};
use super::{VERSION, find::install_root};
use crate::console::Verbosity;

/// The environment variable that names another place, or `off`.
const VARIABLE: &str = "HIKIDASHI_FAKECLOUD_RELEASES";
const UPSTREAM: &str = "https://github.com/faiscadev/fakecloud/releases/download";

/// Largest checksum file. It has one line.
const MAX_CHECKSUM_BYTES: u64 = 4096;

/// Where release archives are, and what is accepted from there.
#[derive(Clone, Debug)]
pub struct Releases {
    /// The URL of the folder that has a folder for each tag; `None` downloads nothing.
    base: Option<Url>,
    limits: Limits,
}

/// Limits, so that a broken or hostile server can neither fill the disk nor delay a run for long.
#[derive(Clone, Copy, Debug)]
struct Limits {
    max_archive_bytes: u64,
    max_program_bytes: u64,
    /// For each request. After that, compiling would be about as fast.
    download: Duration,
    /// For the program's `--version`.
    probe: Duration,
}

/// The binary has about 300 MB unoptimised and with its symbols stripped.
const LIMITS: Limits = Limits {
    max_archive_bytes: 512 << 20,
    max_program_bytes: 1 << 30,
    download: Duration::from_mins(10),
    probe: Duration::from_secs(30),
};

impl Releases {
    /// Reads `HIKIDASHI_FAKECLOUD_RELEASES`: a base URL, or `off`. Upstream's when unset or empty.
    pub fn from_environment() -> anyhow::Result<Self> {
        match std::env::var_os(VARIABLE) {
            None => Self::parse(UPSTREAM),
            Some(value) if value.is_empty() => Self::parse(UPSTREAM),
            Some(value) => match value.to_str() {
                Some(value) => Self::parse(value),
                None => bail!("{VARIABLE} is not UTF-8"),
            },
        }
    }

    fn parse(value: &str) -> anyhow::Result<Self> {
        if value == "off" {
            return Ok(Self {
                base: None,
                limits: LIMITS,
            });
        }
        let base = Url::parse(value)
            .map_err(|error| anyhow::anyhow!("{VARIABLE} is neither `off` nor a URL: {error}"))?;
        if !is_allowed(&base) {
            bail!("{VARIABLE} must begin with https:// (http:// is for this machine only)");
        }
        if base.query().is_some() || base.fragment().is_some() {
            bail!("{VARIABLE} must have neither a query nor a fragment");
        }
        Ok(Self {
            base: Some(base),
            limits: LIMITS,
        })
    }
}

/// Whether a program may come from this URL: by TLS, or from this machine.
fn is_allowed(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let is_loopback =
        host == "localhost" || address.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    url.scheme() == "https" || url.scheme() == "http" && is_loopback
}

/// Returns upstream's name of a platform that it has archives for.
fn platform(os: &str, architecture: &str) -> Option<&'static str> {
    match (os, architecture) {
        ("linux", "x86_64") => Some("linux-amd64"),
        ("linux", "aarch64") => Some("linux-arm64"),
        _ => None,
    }
}

/// Downloads, checks and installs the archive for this machine.
///
/// After an error nothing of it is left. What a killed run has left is removed by the next one; the
/// caller's lock keeps concurrent runs apart.
pub(super) async fn install(
    releases: &Releases,
    cache: &Path,
    verbosity: Verbosity,
) -> Result<(), ReleaseError> {
    let folder = cache.join("fakecloud-download");
    remove(&folder)?;
    let base = releases.base.as_ref().ok_or(ReleaseError::Off)?;
    let (os, architecture) = (std::env::consts::OS, std::env::consts::ARCH);
    let platform =
        platform(os, architecture).ok_or(ReleaseError::NoArchive { os, architecture })?;
    let name = format!("fakecloud-v{VERSION}-{platform}");

    std::fs::create_dir(&folder)?;
    let installed = install_from(base, releases.limits, &name, &folder, cache, verbosity).await;
    if let Err(error) = remove(&folder) {
        verbosity.say(format_args!("can't remove {}: {error}", folder.display()));
    }
    installed
}

async fn install_from(
    base: &Url,
    limits: Limits,
    name: &str,
    folder: &Path,
    cache: &Path,
    verbosity: Verbosity,
) -> Result<(), ReleaseError> {
    let downloads = Downloads::new(base, limits.download)?;
    let archive_name = format!("{name}.tar.gz");
    let checksum_name = format!("{archive_name}.sha256");
    verbosity.say(format_args!(
        "downloading the AWS emulator fakecloud {VERSION} from {}, once. HIKIDASHI_FAKECLOUD_RELEASES=off\n\
         compiles it instead.",
        base.host_str().unwrap_or_default()
    ));
    let checksum = downloads.text(&checksum_name, MAX_CHECKSUM_BYTES).await?;
    let expected = digest_in(&checksum, &archive_name)
        .ok_or_else(|| ReleaseError::Checksum(checksum_name.clone()))?;
    let archive = folder.join(&archive_name);
    let actual = downloads
        .file(&archive_name, &archive, limits.max_archive_bytes, verbosity)
        .await?;
    if actual != expected {
        return Err(ReleaseError::Digest { expected, actual });
    }

    let program = folder.join("fakecloud");
    let member = format!("{name}/fakecloud");
    let unpacked = program.clone();
    tokio::task::spawn_blocking(move || {
        unpack::unpack(&archive, &member, &unpacked, limits.max_program_bytes)
    })
    .await
    .map_err(std::io::Error::other)??;
    probe::probe(&program, limits.probe).await?;

    let bin = install_root(cache).join("bin");
    std::fs::create_dir_all(&bin)?;
    std::fs::rename(&program, bin.join("fakecloud"))?;
    verbosity.say(format_args!("fakecloud {VERSION} is installed"));
    Ok(())
}

/// Returns the digest of `archive` in the output of `shasum -a 256`, in lower case.
fn digest_in(checksum: &str, archive: &str) -> Option<String> {
    checksum.lines().find_map(|line| {
        let (digest, file) = line.split_once(char::is_whitespace)?;
        // A `*` before the name says that the file was read as binary.
        let file = file.trim().trim_start_matches('*');
        let is_digest = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
        (is_digest && file == archive).then(|| digest.to_ascii_lowercase())
    })
}

/// Removes a folder, if it is there.
fn remove(folder: &Path) -> std::io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
