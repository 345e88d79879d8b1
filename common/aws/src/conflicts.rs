//! Retries of single writes that meet a transaction.
//!
//! `DynamoDB` refuses a write of an item that a transaction is about to change, such as a caption
//! of a record that the worker completes. The SDK does not retry this error by itself.

use aws_config::SdkConfig;
use aws_sdk_dynamodb::{
    Client,
    config::{Builder, interceptors::InterceptorContext, retry::ClassifyRetry, retry::RetryAction},
    operation::{delete_item::DeleteItemError, update_item::UpdateItemError},
};

/// Creates a client that retries such writes.
pub(crate) fn client(sdk: &SdkConfig) -> Client {
    Client::from_conf(Builder::from(sdk).retry_classifier(Conflicts).build())
}

#[derive(Debug)]
struct Conflicts;

impl ClassifyRetry for Conflicts {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let error = match context.output_or_error() {
            Some(Err(error)) => error.as_operation_error(),
            _ => None,
        };
        let is_conflict = error.is_some_and(|error| {
            let update = error.downcast_ref::<UpdateItemError>();
            let delete = error.downcast_ref::<DeleteItemError>();
            update.is_some_and(UpdateItemError::is_transaction_conflict_exception)
                || delete.is_some_and(DeleteItemError::is_transaction_conflict_exception)
        });
        if is_conflict {
            RetryAction::transient_error()
        } else {
            RetryAction::NoActionIndicated
        }
    }

    fn name(&self) -> &'static str {
        "writes that meet a transaction"
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use crate::{fake_dynamodb::FakeDynamoDb, item_write::ItemWrite, record_item::text};

    #[tokio::test]
    async fn a_write_that_meets_a_transaction_is_tried_again() {
        let conflict =
            r#"{"__type": "com.amazonaws.dynamodb.v20120810#TransactionConflictException"}"#;
        let fake =
            FakeDynamoDb::answering([(400, conflict), (200, "{}"), (400, conflict), (200, "{}")])
                .await;
        let write = |write: fn(HashMap<_, _>) -> ItemWrite| {
            write(HashMap::from([("identityId".to_owned(), text("a"))]))
        };
        let client = fake.client();
        write(ItemWrite::update)
            .send(&client, "t", "update")
            .await
            .unwrap();
        write(ItemWrite::removal)
            .send(&client, "t", "remove")
            .await
            .unwrap();
        assert_eq!(
            fake.operations(),
            ["UpdateItem", "UpdateItem", "DeleteItem", "DeleteItem"]
        );
    }
}
