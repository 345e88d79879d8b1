//! Reading a user's usage item.

use crate::{
    service_error::ServiceError,
    usage_item::{Consistency, request, stored},
    user_store::UserStore,
};
use common::usage::UsageItem;

impl UserStore<'_> {
    /// Reads the user's usage. It may lack the changes of the last moments.
    pub async fn recent_usage(&self) -> Result<UsageItem, ServiceError> {
        self.read_usage(Consistency::Eventual).await
    }

    /// Reads the user's usage, with all changes.
    pub async fn usage(&self) -> Result<UsageItem, ServiceError> {
        self.read_usage(Consistency::Strong).await
    }

    async fn read_usage(&self, consistency: Consistency) -> Result<UsageItem, ServiceError> {
        let stores = self.user_stores;
        let identity = self.identity();
        let request = request(
            &stores.dynamodb,
            &stores.config.table,
            identity,
            consistency,
        );
        let answer = request
            .customize()
            .config_override(self.dynamodb_override())
            .send()
            .await
            .map_err(|error| {
                ServiceError::classify(format!("read the usage of {identity}"), error)
            })?;
        Ok(stored(answer.item()).item)
    }
}
