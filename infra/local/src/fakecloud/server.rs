//! The emulator's process.

use crate::deploy::root::REGION;
use std::{
    fs::File,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use tokio::process::{Child, Command};

use super::watchdog;

/// Limit for the emulator's start. It reads a kept state with unoptimised code before it answers.
const HEALTHY_WITHIN: Duration = Duration::from_mins(2);
const STOPPED_WITHIN: Duration = Duration::from_secs(10);
const PROBE_EVERY: Duration = Duration::from_millis(20);

/// A certificate authority of which nobody has the key. The emulator creates an HTTP client for
/// each invocation of a function, and for it reads all certificates that the machine trusts: 60 ms
/// of CPU. It calls this machine only, without TLS; but a client without any authority is an error.
const NOBODY: &str = include_str!("nobody.pem");

/// Prefix of the line on the emulator's standard output that reports its port.
const PORT_LINE: &str = "FAKECLOUD_PORT=";

/// Whether the emulator verifies signatures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signatures {
    /// It trusts the access key id. With verification on, it takes a bearer token for a broken
    /// signature and refuses every request to the API.
    #[default]
    Believed,
    /// It verifies every signature but the root's.
    Verified,
}

/// Options of the emulator.
#[derive(Debug)]
pub struct ServerOptions<'a> {
    /// The emulator's binary.
    pub fakecloud: &'a Path,
    /// The `local` binary, which is also the watchdog.
    pub local_exe: &'a Path,
    /// The port, or any free one. A kept state contains the port, so it must be the same again.
    pub port: Option<u16>,
    /// The folder to keep the state in; in memory when absent.
    pub data: Option<&'a Path>,
    /// Whether it verifies signatures.
    pub signatures: Signatures,
    /// The file for its log.
    pub log: PathBuf,
    /// Further environment variables: the container command.
    pub environment: Vec<(String, String)>,
}

/// A running emulator, which stops when dropped.
#[derive(Debug)]
pub struct Server {
    watchdog: Child,
    url: String,
    log: PathBuf,
}

impl Server {
    /// Starts the emulator with IAM enforced and waits until it answers.
    pub async fn start(options: ServerOptions<'_>) -> anyhow::Result<Self> {
        let log = File::create(&options.log)
            .with_context(|| format!("can't create {}", options.log.display()))?;
        let certificates = options.log.with_file_name("certificates");
        let nobody = certificates.join("nobody.pem");
        std::fs::create_dir_all(&certificates)
            .and_then(|()| std::fs::write(&nobody, NOBODY))
            .with_context(|| format!("can't write {}", nobody.display()))?;
        let mut command = Command::new(options.local_exe);
        command
            .arg(watchdog::SUBCOMMAND)
            .arg(options.fakecloud)
            .args([
                "--addr",
                &format!("127.0.0.1:{}", options.port.unwrap_or(0)),
            ])
            .args(["--region", REGION, "--iam", "strict"]);
        if options.signatures == Signatures::Verified {
            command.arg("--verify-sigv4");
        }
        if let Some(data) = options.data {
            command
                .args(["--storage-mode", "persistent", "--data-path"])
                .arg(data);
        }
        let watchdog = command
            .envs(options.environment)
            .env("NO_COLOR", "1")
            .env("SSL_CERT_FILE", nobody)
            .env("SSL_CERT_DIR", certificates)
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log)
            // Ctrl-C reaches the terminal's foreground group; the watchdog reacts to the end of the
            // runner instead.
            .process_group(0)
            .spawn()
            .with_context(|| format!("can't run {}", options.local_exe.display()))?;
        let mut server = Self {
            watchdog,
            url: String::new(),
            log: options.log,
        };
        server.become_healthy().await?;
        Ok(server)
    }

    /// Returns the base URL of all its services, without a trailing slash.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the port that it listens on.
    pub fn port(&self) -> anyhow::Result<u16> {
        let (_, port) = self.url.rsplit_once(':').context("the URL has no port")?;
        Ok(port.parse()?)
    }

    /// Returns the path of its log file.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Stops the emulator gracefully: it removes its containers first.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        drop(self.watchdog.stdin.take());
        if tokio::time::timeout(STOPPED_WITHIN, self.watchdog.wait())
            .await
            .is_err()
        {
            self.watchdog.kill().await?;
            bail!("fakecloud's watchdog did not stop in time and was killed");
        }
        Ok(())
    }

    async fn become_healthy(&mut self) -> anyhow::Result<()> {
        let http = reqwest::Client::builder().no_proxy().build()?;
        let started = Instant::now();
        loop {
            if let Some(status) = self.watchdog.try_wait()? {
                bail!("fakecloud ended at once ({status}):\n{}", self.tail());
            }
            if let Some(port) = announced_port(&self.log) {
                self.url = format!("http://127.0.0.1:{port}");
                let probe = http.get(format!("{}/_fakecloud/health", self.url)).send();
                if probe.await.is_ok_and(|answer| answer.status().is_success()) {
                    return Ok(());
                }
            }
            if started.elapsed() > HEALTHY_WITHIN {
                bail!("fakecloud did not become healthy in time:\n{}", self.tail());
            }
            tokio::time::sleep(PROBE_EVERY).await;
        }
    }

    fn tail(&self) -> String {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

fn announced_port(log: &Path) -> Option<u16> {
    let log = std::fs::read_to_string(log).ok()?;
    // A line that is still being written does not end in a line break yet.
    let (lines, _) = log.rsplit_once('\n')?;
    let port = lines
        .lines()
        .find_map(|line| line.strip_prefix(PORT_LINE))?;
    port.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::announced_port;

    #[test]
    fn the_port_is_read_once_its_line_is_complete() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        std::fs::write(&log, "starting\nFAKECLOUD_PORT=45").unwrap();
        assert_eq!(announced_port(&log), None);
        std::fs::write(&log, "starting\nFAKECLOUD_PORT=4566\nready").unwrap();
        assert_eq!(announced_port(&log), Some(4566));
    }
}
