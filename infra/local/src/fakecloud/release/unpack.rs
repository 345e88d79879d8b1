//! Unpacking one program from an archive.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufReader, Read as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use flate2::read::GzDecoder;
use tar::Archive;

use super::error::ReleaseError;

/// Unpacks the file `member` of a `.tar.gz` as an executable. Writes no other file, and no more
/// than `max_bytes`.
pub(super) fn unpack(
    archive: &Path,
    member: &str,
    to: &Path,
    max_bytes: u64,
) -> Result<(), ReleaseError> {
    let compressed = BufReader::new(File::open(archive)?);
    // Also bounds what is decompressed on the way to the file. The headers of an archive are small.
    let decompressed = GzDecoder::new(compressed).take(max_bytes.saturating_add(1 << 20));
    let mut archive = Archive::new(decompressed);
    for entry in archive.entries().map_err(ReleaseError::Unpack)? {
        let mut entry = entry.map_err(ReleaseError::Unpack)?;
        let is_member = entry.path_bytes().as_ref() == member.as_bytes();
        if !is_member || !entry.header().entry_type().is_file() {
            continue;
        }
        let size = entry.size();
        if size > max_bytes {
            return Err(ReleaseError::TooLarge {
                file: member.to_owned(),
                max_bytes,
            });
        }
        let mut program = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o755)
            .open(to)?;
        let written = io::copy(&mut entry, &mut program).map_err(ReleaseError::Unpack)?;
        if written != size {
            return Err(ReleaseError::Unpack(io::ErrorKind::UnexpectedEof.into()));
        }
        return Ok(());
    }
    Err(ReleaseError::NoProgram(member.to_owned()))
}
