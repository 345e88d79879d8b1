//! Output: results go to standard output, everything else to standard error.

use std::{fmt::Arguments, io::Write as _};

/// Prints a result.
pub(crate) fn result(line: Arguments<'_>) -> std::io::Result<()> {
    writeln!(std::io::stdout().lock(), "{line}")
}

/// Prints progress.
pub(crate) fn progress(line: Arguments<'_>) -> std::io::Result<()> {
    writeln!(std::io::stderr().lock(), "{line}")
}
