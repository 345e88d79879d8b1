//! The output of a function, kept twice: per container for `logs`, per function for people.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

/// Both logs of one container. Clones write to the same files.
#[derive(Clone, Debug)]
pub(super) struct Log {
    files: Arc<Mutex<[File; 2]>>,
}

impl Log {
    /// Opens both files for appending, because several containers of a function write to the same
    /// one.
    pub(super) fn open(own: &Path, shared: &Path) -> io::Result<Self> {
        let files = [append(own)?, append(shared)?];
        Ok(Self {
            files: Arc::new(Mutex::new(files)),
        })
    }

    /// Adds a line. Write errors are ignored: a full disk must not stop the function.
    pub(super) fn line(&self, line: &[u8]) {
        // One write per line, so that the lines of two containers never interleave.
        let mut whole = line.strip_suffix(b"\n").unwrap_or(line).to_vec();
        whole.push(b'\n');
        for file in self
            .files
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter_mut()
        {
            let _ = file.write_all(&whole);
        }
    }

    /// Turns the function's log into the stderr of a process.
    pub(super) fn into_stderr(self) -> io::Result<std::process::Stdio> {
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let [_, shared] = &*files;
        Ok(shared.try_clone()?.into())
    }

    /// Adds everything that is read from a pipe, until its last writer closes it.
    pub(super) async fn follow(self, pipe: impl AsyncRead + Unpin) {
        let mut pipe = BufReader::new(pipe);
        let mut line = Vec::new();
        while pipe
            .read_until(b'\n', &mut line)
            .await
            .is_ok_and(|length| length > 0)
        {
            self.line(&line);
            line.clear();
        }
    }
}

/// Returns the last `count` lines of a text, or all of it.
pub(super) fn tail(text: &[u8], count: Option<usize>) -> &[u8] {
    let Some(count) = count else { return text };
    let body = text.strip_suffix(b"\n").unwrap_or(text);
    let mut line_starts = body
        .iter()
        .enumerate()
        .rev()
        .filter(|(_, byte)| **byte == b'\n');
    match count.checked_sub(1) {
        None => &[],
        Some(before) => match line_starts.nth(before) {
            Some((index, _)) => &text[index + 1..],
            None => text,
        },
    }
}

fn append(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_the_last_lines() {
        let text = b"a\nb\nc\n";
        assert_eq!(tail(text, None), text);
        assert_eq!(tail(text, Some(0)), b"");
        assert_eq!(tail(text, Some(1)), b"c\n");
        assert_eq!(tail(text, Some(2)), b"b\nc\n");
        assert_eq!(tail(text, Some(9)), text);
        assert_eq!(tail(b"", Some(3)), b"");
    }

    #[tokio::test]
    async fn what_comes_out_of_a_pipe_is_in_both_files_and_the_last_line_ends() {
        let dir = tempfile::tempdir().unwrap();
        let [own, shared] = ["own", "shared"].map(|name| dir.path().join(name));
        let log = Log::open(&own, &shared).unwrap();
        log.follow(&b"one\ntwo"[..]).await;
        for path in [own, shared] {
            assert_eq!(std::fs::read_to_string(path).unwrap(), "one\ntwo\n");
        }
    }
}
