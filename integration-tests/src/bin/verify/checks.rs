//! All checks.

mod api;
mod pipeline;
mod storage;
mod table;
mod users;

use crate::check::Check;

/// Returns all checks, in the order in which they run.
pub(crate) fn all() -> Vec<Check> {
    let mut checks = users::checks();
    checks.extend(api::checks());
    checks.extend(storage::checks());
    checks.extend(table::checks());
    checks.extend(pipeline::checks());
    checks
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn no_two_checks_have_the_same_name() {
        let checks = super::all();
        let names: BTreeSet<&str> = checks.iter().map(|check| check.name).collect();
        assert_eq!(names.len(), checks.len());
    }
}
