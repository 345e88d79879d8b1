//! What is done to a whole deployment, and by nobody who faces a user.
//!
//! [`reconcile::reconcile`] brings records and variants to what the bucket says, where events were
//! lost or somebody has meddled; [`erase::erase`] removes all that there is of a user. The
//! function, the command line and the tests share them.

pub mod erase;
pub mod reconcile;
