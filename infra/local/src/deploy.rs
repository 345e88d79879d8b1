//! Deployment of the template: the text that goes to AWS, with the code's location filled in.

pub mod actions;
pub mod cloudformation;
pub mod conditions;
pub mod edit;
pub mod expectation;
pub mod outputs;
pub mod root;
pub mod rules;
pub mod template;
pub mod transactions;
pub mod transport;
pub mod users_source;
pub mod verify;
