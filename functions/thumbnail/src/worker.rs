//! What every message is handled with.

use common::{announcer::Announcer, workbench::Workbench};

use crate::lane::Lane;

/// The function's tools, shared by all messages in hand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Worker<'a> {
    /// Where pictures are made.
    pub lane: &'a Lane,
    /// Where originals, variants and records are.
    pub workbench: &'a Workbench,
    /// Who tells others.
    pub announcer: &'a Announcer,
}
