//! The zip archive of a function.

use std::{
    io::{Cursor, Write as _},
    path::Path,
    process::Command,
};

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// A packed function.
#[derive(Clone, Debug)]
pub struct Archive {
    /// Content of the zip.
    pub bytes: Vec<u8>,
    /// Hash of the zip's content, the same for the same build.
    pub hash: String,
}

/// Packs an executable as `bootstrap`, for the local stack.
///
/// Debug symbols are removed where `strip` is installed, and compression is at the lowest level:
/// the emulator processes code in unoptimised loops, and a kept state stores it as a JSON array of
/// numbers, three to four bytes for each byte.
pub fn pack(executable: &Path) -> anyhow::Result<Archive> {
    zip(&stripped(executable)?, 1)
}

/// Packs an executable as `bootstrap` with the best compression: it is written once, and fetched at
/// every cold start.
pub fn pack_for_upload(executable: &Path) -> anyhow::Result<Archive> {
    zip(&stripped(executable)?, 9)
}

fn stripped(executable: &Path) -> anyhow::Result<Vec<u8>> {
    let stripped = tempfile::NamedTempFile::new()?;
    let worked = Command::new("strip")
        .arg("-o")
        .arg(stripped.path())
        .arg(executable)
        .status()
        .is_ok_and(|status| status.success());
    let source = if worked { stripped.path() } else { executable };
    std::fs::read(source).with_context(|| format!("can't read {}", source.display()))
}

fn zip(program: &[u8], level: i64) -> anyhow::Result<Archive> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(level))
        .unix_permissions(0o755);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("bootstrap", options)?;
    writer.write_all(program)?;
    let bytes = writer.finish()?.into_inner();
    let hash = Sha256::digest(program)
        .iter()
        .take(16)
        .fold(String::new(), |hash, byte| format!("{hash}{byte:02x}"));
    Ok(Archive { bytes, hash })
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read as _};

    use super::zip;

    #[test]
    fn the_program_is_an_executable_file_named_bootstrap() {
        let archive = zip(b"program", 1).unwrap();
        let mut opened = zip::ZipArchive::new(Cursor::new(archive.bytes)).unwrap();
        assert_eq!(opened.len(), 1);
        let mut file = opened.by_name("bootstrap").unwrap();
        assert_eq!(file.unix_mode().map(|mode| mode & 0o777), Some(0o755));
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        assert_eq!(content, b"program");
    }

    #[test]
    fn the_name_follows_the_content() {
        let name = |program: &[u8]| zip(program, 1).unwrap().hash;
        assert_eq!(name(b"one"), name(b"one"));
        assert_ne!(name(b"one"), name(b"two"));
        assert_eq!(name(b"one").len(), 32);
    }
}
