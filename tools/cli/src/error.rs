//! What stops a command.

use aws::service_error::ServiceError;
use thiserror::Error;

/// An error with its cause as the source.
#[derive(Debug, Error)]
pub(crate) enum CliError {
    /// `CloudFormation` does not describe the stack to this caller.
    #[error("the stack {name} can't be described")]
    Stack {
        /// As given.
        name: String,
        /// `CloudFormation`'s words.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// It is no stack of this project, or of an earlier version.
    #[error("the stack {name} has no output {output}")]
    NoOutput {
        /// As given.
        name: String,
        /// Of the template.
        output: &'static str,
    },
    /// An output that the template would not have let through.
    #[error("the stack's output {output} is {value:?}")]
    BadOutput {
        /// Of the template.
        output: &'static str,
        /// What it says.
        value: String,
    },
    /// SQS moves nothing.
    #[error("the queue {queue} can't be moved")]
    Queue {
        /// Its URL or ARN.
        queue: String,
        /// SQS's words.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// S3, `DynamoDB` or SQS.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// Standard output is closed.
    #[error("the report can't be printed")]
    Output(#[source] std::io::Error),
}
