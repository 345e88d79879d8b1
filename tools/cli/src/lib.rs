//! The parts of the operator's command that tests use too.

pub mod blocked_users;
