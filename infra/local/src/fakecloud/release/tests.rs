//! Installs from a server on this machine, with a script in the emulator's place.

mod server;

use std::{
    fs,
    io::Write as _,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use flate2::{Compression, write::GzEncoder};
use sha2::{Digest as _, Sha256};

use self::server::{Answer, Server};
use super::{Limits, Releases, download::hexadecimal, error::ReleaseError, is_allowed, platform};
use crate::{
    console::Verbosity,
    fakecloud::{
        VERSION,
        find::{InstallFolders, install_root},
        install::{Origin, find_or_install_with},
    },
};

const COMPILED: &str = "# compiled\n";

/// A program that answers as the emulator does.
fn script(version: &str, comment: &str) -> String {
    format!("#!/bin/sh\n{comment}[ \"$1\" = --version ] && echo fakecloud {version}\n")
}

/// Upstream's name of this machine's archive, without the ending.
fn name() -> String {
    let platform = platform(std::env::consts::OS, std::env::consts::ARCH).unwrap();
    format!("fakecloud-v{VERSION}-{platform}")
}

/// An archive as upstream packs it.
fn archive(program: &[u8]) -> Vec<u8> {
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (file, content) in [("LICENSE", b"words".as_slice()), ("fakecloud", program)] {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o755);
        let path = format!("{}/{file}", name());
        builder.append_data(&mut header, path, content).unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

/// The output of `shasum -a 256`.
fn checksum(archive: &[u8]) -> Vec<u8> {
    let digest = hexadecimal(&Sha256::digest(archive));
    format!("{digest}  {}.tar.gz\n", name()).into_bytes()
}

/// A server that has this archive, and its checksum.
async fn serving(archive: Vec<u8>) -> Server {
    let checksum = checksum(&archive);
    serving_with(Answer::ok(archive), Answer::ok(checksum)).await
}

async fn serving_with(archive: Answer, checksum: Answer) -> Server {
    let path = format!("/mirror/v{VERSION}/{}.tar.gz", name());
    Server::start([(format!("{path}.sha256"), checksum), (path, archive)].into()).await
}

/// What an install left, and how it went.
struct Installed {
    cache: tempfile::TempDir,
    path: PathBuf,
    origin: Origin,
}

impl Installed {
    /// Returns why the stand-in of the compiler ran, after checking that its program is the only
    /// thing in the cache.
    fn reason(self) -> ReleaseError {
        assert_eq!(
            fs::read_to_string(&self.path).unwrap(),
            script(VERSION, COMPILED)
        );
        assert_eq!(files(self.cache.path()), expected_files());
        match self.origin {
            Origin::Compiled(reason) => {
                let text = reason.to_string();
                assert!(!text.contains('\n'), "more than one line: {text}");
                reason
            }
            origin => panic!("expected a compilation, got {origin:?}"),
        }
    }
}

fn expected_files() -> Vec<PathBuf> {
    let program = install_root(Path::new("")).join("bin/fakecloud");
    vec![program, PathBuf::from("fakecloud.lock")]
}

/// Returns all files and empty folders under a folder, sorted.
fn files(folder: &Path) -> Vec<PathBuf> {
    fn walk(root: &Path, folder: &Path, found: &mut Vec<PathBuf>) {
        let entries: Vec<_> = fs::read_dir(folder).unwrap().map(Result::unwrap).collect();
        if entries.is_empty() {
            found.push(folder.strip_prefix(root).unwrap().to_owned());
        }
        for path in entries.iter().map(fs::DirEntry::path) {
            if path.is_dir() {
                walk(root, &path, found);
            } else {
                found.push(path.strip_prefix(root).unwrap().to_owned());
            }
        }
    }
    let mut found = Vec::new();
    walk(folder, folder, &mut found);
    found.sort();
    found
}

fn folders(cache: &Path) -> InstallFolders {
    InstallFolders {
        explicit: None,
        path: None,
        cache: cache.to_owned(),
    }
}

/// The stand-in of the compiler.
async fn compile(cache: &Path, _: Verbosity) -> anyhow::Result<()> {
    let bin = install_root(cache).join("bin");
    tokio::fs::create_dir_all(&bin).await?;
    let program = bin.join("fakecloud");
    fs::write(&program, script(VERSION, COMPILED))?;
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
    Ok(())
}

fn releases(server: &Server) -> Releases {
    Releases::parse(&server.url("/mirror")).unwrap()
}

async fn install(releases: &Releases) -> Installed {
    let cache = tempfile::tempdir().unwrap();
    let (path, origin) =
        find_or_install_with(&folders(cache.path()), releases, compile, Verbosity::Quiet)
            .await
            .unwrap();
    Installed {
        cache,
        path,
        origin,
    }
}

async fn reason_for_program(program: &[u8]) -> ReleaseError {
    let server = serving(archive(program)).await;
    install(&releases(&server)).await.reason()
}

#[tokio::test]
async fn the_published_archive_is_installed_without_compiling() {
    let program = script(VERSION, "");
    let server = serving(archive(program.as_bytes())).await;
    let installed = install(&releases(&server)).await;
    assert!(
        matches!(installed.origin, Origin::Released),
        "{:?}",
        installed.origin
    );
    assert_eq!(fs::read_to_string(&installed.path).unwrap(), program);
    assert_eq!(files(installed.cache.path()), expected_files());
}

#[tokio::test]
async fn what_is_installed_is_found_the_next_time() {
    let server = serving(archive(script(VERSION, "").as_bytes())).await;
    let installed = install(&releases(&server)).await;
    let folders = folders(installed.cache.path());
    let off = Releases::parse("off").unwrap();
    let (path, origin) = find_or_install_with(&folders, &off, compile, Verbosity::Quiet)
        .await
        .unwrap();
    assert!(matches!(origin, Origin::Found), "{origin:?}");
    assert_eq!(path, installed.path);
}

#[tokio::test]
async fn of_two_runs_at_once_one_downloads_and_the_other_waits() {
    let server = serving(archive(script(VERSION, "").as_bytes())).await;
    let releases = releases(&server);
    let cache = tempfile::tempdir().unwrap();
    let folders = folders(cache.path());
    let run = || find_or_install_with(&folders, &releases, compile, Verbosity::Quiet);
    let (one, other) = tokio::join!(run(), run());
    let origins = [one.unwrap().1, other.unwrap().1];
    assert!(
        matches!(origins, [Origin::Released, Origin::Found]),
        "{origins:?}"
    );
}

#[tokio::test]
async fn what_a_killed_run_left_is_removed() {
    let server = serving(archive(script(VERSION, "").as_bytes())).await;
    let cache = tempfile::tempdir().unwrap();
    let left = cache.path().join("fakecloud-download");
    fs::create_dir(&left).unwrap();
    fs::write(left.join("fakecloud"), "half a program").unwrap();
    let folders = folders(cache.path());
    find_or_install_with(&folders, &releases(&server), compile, Verbosity::Quiet)
        .await
        .unwrap();
    assert_eq!(files(cache.path()), expected_files());
}

#[tokio::test]
async fn an_archive_with_another_digest_is_not_used() {
    let good = archive(script(VERSION, "").as_bytes());
    let evil = archive(script(VERSION, "# evil\n").as_bytes());
    let server = serving_with(Answer::ok(evil), Answer::ok(checksum(&good))).await;
    let reason = install(&releases(&server)).await.reason();
    assert!(matches!(reason, ReleaseError::Digest { .. }), "{reason}");
}

#[tokio::test]
async fn a_checksum_of_another_file_is_not_used() {
    let archive = archive(script(VERSION, "").as_bytes());
    let digest = hexadecimal(&Sha256::digest(&archive));
    let other = format!("{digest}  fakecloud-v0.1.0-linux-amd64.tar.gz\n").into_bytes();
    let server = serving_with(Answer::ok(archive), Answer::ok(other)).await;
    let reason = install(&releases(&server)).await.reason();
    assert!(matches!(reason, ReleaseError::Checksum(_)), "{reason}");
}

#[tokio::test]
async fn an_archive_cut_off_on_the_way_is_not_used() {
    let archive = archive(script(VERSION, "").as_bytes());
    let checksum = checksum(&archive);
    let length = archive.len();
    let cut = Answer::ok(archive[..length / 2].to_vec()).announcing(length);
    let server = serving_with(cut, Answer::ok(checksum)).await;
    let reason = install(&releases(&server)).await.reason();
    assert!(matches!(reason, ReleaseError::Request { .. }), "{reason}");
}

#[tokio::test]
async fn an_archive_published_cut_off_is_not_used() {
    let mut archive = archive(&noise(100_000));
    archive.truncate(50_000);
    let server = serving(archive).await;
    let reason = install(&releases(&server)).await.reason();
    assert!(matches!(reason, ReleaseError::Unpack(_)), "{reason}");
}

#[tokio::test]
async fn a_file_that_is_no_archive_is_not_used() {
    let server = serving(b"<html>maintenance</html>".to_vec()).await;
    let reason = install(&releases(&server)).await.reason();
    assert!(matches!(reason, ReleaseError::Unpack(_)), "{reason}");
}

#[tokio::test]
async fn an_archive_without_the_program_is_not_used() {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(&[0; 1024]).unwrap();
    let server = serving(gzip.finish().unwrap()).await;
    let reason = install(&releases(&server)).await.reason();
    assert!(matches!(reason, ReleaseError::NoProgram(_)), "{reason}");
}

#[tokio::test]
async fn another_version_is_not_used() {
    let reason = reason_for_program(script("0.1.0", "").as_bytes()).await;
    assert!(
        matches!(&reason, ReleaseError::Version(version) if version == "0.1.0"),
        "{reason}"
    );
}

#[tokio::test]
async fn a_program_that_is_not_fakecloud_is_not_used() {
    let reason = reason_for_program(b"#!/bin/sh\necho something else\n").await;
    assert!(matches!(reason, ReleaseError::Version(_)), "{reason}");
}

#[tokio::test]
async fn a_program_of_a_newer_c_library_is_not_used_and_the_reason_is_its_own() {
    let program = b"#!/bin/sh\necho \"libc.so.6: version 'GLIBC_2.99' not found\" >&2\nexit 1\n";
    let reason = reason_for_program(program).await.to_string();
    assert!(
        reason.contains("does not start here: libc.so.6"),
        "{reason}"
    );
}

#[tokio::test]
async fn a_program_whose_loader_is_missing_is_not_used() {
    let reason = reason_for_program(b"#!/no/such/loader\n").await;
    assert!(matches!(reason, ReleaseError::Start(_)), "{reason}");
}

#[tokio::test]
async fn a_program_of_another_architecture_is_not_used() {
    let mut program = vec![0; 128];
    program[..5].copy_from_slice(b"\x7fELF\x02");
    let reason = reason_for_program(&program).await;
    assert!(matches!(reason, ReleaseError::Start(_)), "{reason}");
}

#[tokio::test]
async fn a_program_that_hangs_is_not_used() {
    let server = serving(archive(b"#!/bin/sh\nexec sleep 3600\n")).await;
    let mut releases = releases(&server);
    releases.limits.probe = Duration::from_millis(200);
    let reason = install(&releases).await.reason();
    assert!(matches!(reason, ReleaseError::Start(_)), "{reason}");
}

#[tokio::test]
async fn a_missing_archive_is_compiled() {
    let server = Server::start([].into()).await;
    let reason = install(&releases(&server)).await.reason().to_string();
    assert!(reason.contains("404"), "{reason}");
}

#[tokio::test]
async fn without_a_server_it_is_compiled() {
    let server = Server::start([].into()).await;
    let releases = releases(&server);
    server.stop().await;
    let reason = install(&releases).await.reason();
    assert!(matches!(reason, ReleaseError::Request { .. }), "{reason}");
}

#[tokio::test]
async fn a_server_that_stops_sending_is_given_up() {
    let archive = archive(script(VERSION, "").as_bytes());
    let checksum = checksum(&archive);
    let server = serving_with(Answer::ok(archive).stalling(), Answer::ok(checksum)).await;
    let mut releases = releases(&server);
    releases.limits.download = Duration::from_millis(500);
    let reason = install(&releases).await.reason().to_string();
    assert!(reason.contains("timed out"), "{reason}");
}

#[tokio::test]
async fn an_archive_beyond_the_limit_is_not_used_whether_its_length_is_announced_or_not() {
    let archive = archive(&noise(20_000));
    let checksum = Answer::ok(checksum(&archive));
    for answer in [
        Answer::ok(archive.clone()),
        Answer::ok(archive).unannounced(),
    ] {
        let server = serving_with(answer, checksum.clone()).await;
        let mut releases = releases(&server);
        releases.limits.max_archive_bytes = 10_000;
        let reason = install(&releases).await.reason();
        assert!(matches!(reason, ReleaseError::TooLarge { .. }), "{reason}");
    }
}

#[tokio::test]
async fn an_endless_checksum_is_not_read() {
    let server = serving_with(
        Answer::ok(Vec::new()),
        Answer::ok(vec![b'a'; 5000]).unannounced(),
    )
    .await;
    let reason = install(&releases(&server)).await.reason();
    assert!(matches!(reason, ReleaseError::TooLarge { .. }), "{reason}");
}

#[tokio::test]
async fn a_program_beyond_the_limit_is_not_unpacked() {
    // Compressed, it is small.
    let server = serving(archive(&vec![0; 3_000_000])).await;
    let mut releases = releases(&server);
    releases.limits.max_program_bytes = 1_000_000;
    let reason = install(&releases).await.reason();
    assert!(matches!(reason, ReleaseError::TooLarge { .. }), "{reason}");
}

#[tokio::test]
async fn a_redirect_on_this_machine_is_followed() {
    let target = serving(archive(script(VERSION, "").as_bytes())).await;
    let path = format!("/mirror/v{VERSION}/{}.tar.gz", name());
    let to = |path: &str| Answer::redirect(&target.url(path));
    let checksum = format!("{path}.sha256");
    let server =
        Server::start([(path.clone(), to(&path)), (checksum.clone(), to(&checksum))].into()).await;
    let installed = install(&releases(&server)).await;
    assert!(
        matches!(installed.origin, Origin::Released),
        "{:?}",
        installed.origin
    );
}

#[tokio::test]
async fn a_redirect_to_another_machine_without_tls_is_not_followed() {
    let elsewhere = Answer::redirect("http://mirror.example/fakecloud.tar.gz");
    let server = serving_with(elsewhere.clone(), elsewhere).await;
    let reason = install(&releases(&server)).await.reason().to_string();
    assert!(reason.contains("without TLS"), "{reason}");
}

#[tokio::test]
async fn off_downloads_nothing() {
    let reason = install(&Releases::parse("off").unwrap()).await.reason();
    assert!(matches!(reason, ReleaseError::Off), "{reason}");
}

#[test]
fn only_tls_or_this_machine_is_a_place_for_programs() {
    for good in [
        "https://mirror.example/fakecloud",
        "http://127.0.0.1:8000",
        "http://[::1]:8000/a/",
        "http://localhost/",
    ] {
        assert!(Releases::parse(good).is_ok(), "{good}");
    }
    for bad in [
        "http://mirror.example/",
        "http://localhost.mirror.example/",
        "http://127.0.0.1.mirror.example/",
        "ftp://127.0.0.1/",
        "file:///releases",
        "mirror.example/fakecloud",
        "https://mirror.example/?token=1",
        "on",
    ] {
        assert!(Releases::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn the_default_is_upstream_with_tls() {
    let upstream = super::UPSTREAM.parse().unwrap();
    assert!(is_allowed(&upstream));
    assert_eq!(upstream.scheme(), "https");
}

#[test]
fn upstream_has_archives_for_linux_on_two_architectures() {
    assert_eq!(platform("linux", "x86_64"), Some("linux-amd64"));
    assert_eq!(platform("linux", "aarch64"), Some("linux-arm64"));
    assert_eq!(platform("linux", "riscv64"), None);
    assert_eq!(platform("freebsd", "x86_64"), None);
}

#[test]
fn the_limits_have_room_for_the_program_that_is_known() {
    let Limits {
        max_archive_bytes,
        max_program_bytes,
        ..
    } = super::LIMITS;
    assert!(max_archive_bytes < max_program_bytes);
    assert!(max_program_bytes > 2 * 314_808_776);
}

/// Bytes that do not compress, the same every time.
fn noise(length: usize) -> Vec<u8> {
    let blocks = (0_u64..).flat_map(|number| Sha256::digest(number.to_be_bytes()));
    blocks.take(length).collect()
}
