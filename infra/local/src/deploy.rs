//! Deploying the template: the same text that goes to AWS, with the code in place.

pub mod actions;
pub mod cloudformation;
pub mod conditions;
pub mod edit;
pub mod expectation;
pub mod outputs;
pub mod root;
pub mod template;
pub mod verify;
