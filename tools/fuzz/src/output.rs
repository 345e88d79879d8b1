//! The last line goes to standard output, everything else to standard error.

use std::{fmt::Arguments, io::Write as _};

/// The result.
pub(crate) fn result(line: Arguments<'_>) -> std::io::Result<()> {
    writeln!(std::io::stdout().lock(), "{line}")
}

/// What is going on.
pub(crate) fn progress(line: Arguments<'_>) -> std::io::Result<()> {
    writeln!(std::io::stderr().lock(), "{line}")
}
