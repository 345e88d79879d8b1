//! Errors that stop a command.

use aws::service_error::ServiceError;
use cli::blocked_users::BlockError;
use thiserror::Error;

/// An error, with its cause as the source.
#[derive(Debug, Error)]
pub(crate) enum CliError {
    /// `CloudFormation` does not describe the stack to this caller.
    #[error("the stack {name} can't be described")]
    Stack {
        /// Name of the stack, as given.
        name: String,
        /// Error of `CloudFormation`.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The stack is none of this project, or of an earlier version.
    #[error("the stack {name} has no output {output}")]
    NoOutput {
        /// Name of the stack, as given.
        name: String,
        /// Name of the output in the template.
        output: &'static str,
    },
    /// The value of an output is one that the template does not allow.
    #[error("the stack's output {output} is {value:?}")]
    BadOutput {
        /// Name of the output in the template.
        output: &'static str,
        /// Value of the output.
        value: String,
    },
    /// SQS does not move the messages.
    #[error("the messages of the queue {queue} can't be moved")]
    Queue {
        /// URL or ARN of the queue.
        queue: String,
        /// Error of SQS.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The list of blocked users can't be read or changed.
    #[error(transparent)]
    Block(#[from] BlockError),
    /// S3, `DynamoDB` or SQS returned an error.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// Standard output can't be written.
    #[error("the report can't be printed")]
    Output(#[source] std::io::Error),
}
