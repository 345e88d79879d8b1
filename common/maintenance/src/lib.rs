//! Maintenance of a whole deployment, which no user-facing function performs.
//!
//! [`reconcile::reconcile`] repairs records and variants according to the originals in the bucket,
//! after lost events or manual changes; [`erase::erase`] removes all data of a user. The
//! maintenance function, the command line and the tests share them.

pub mod erase;
pub mod reconcile;
