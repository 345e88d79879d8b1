//! Publishing of completion events to an event bus, if one is configured.
//!
//! Needs `events:PutEvents` on the bus.

use aws_config::SdkConfig;
use aws_sdk_eventbridge::{Client, types::PutEventsRequestEntry};

use crate::service_error::ServiceError;
use common::completion_event::{CompletionEvent, SOURCE};

/// A publisher to an event bus. Without a bus it does nothing.
#[derive(Clone, Debug, Default)]
pub struct EventPublisher {
    bus: Option<(Client, String)>,
}

impl EventPublisher {
    /// Creates a publisher. Without a bus, no client is made.
    pub fn new(sdk: &SdkConfig, bus: Option<String>) -> Self {
        Self {
            bus: bus.map(|name| (Client::new(sdk), name)),
        }
    }

    /// Whether there is no bus.
    pub fn is_silent(&self) -> bool {
        self.bus.is_none()
    }

    /// Publishes an event. A failed call can be retried: consumers must expect the same event
    /// twice.
    pub async fn publish(&self, event: CompletionEvent) -> Result<(), ServiceError> {
        let Some((client, bus)) = &self.bus else {
            return Ok(());
        };
        let what = || format!("publish {} on {bus}", event.detail_type);
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(bus)
            .source(SOURCE)
            .detail_type(event.detail_type)
            .detail(&event.detail)
            .build();
        let answer = client
            .put_events()
            .entries(entry)
            .send()
            .await
            .map_err(|error| ServiceError::classify(what(), error))?;
        // The call succeeds even if its one entry fails.
        if answer.failed_entry_count() > 0 {
            let code = answer.entries().iter().find_map(|entry| entry.error_code());
            let code = code.unwrap_or("no reason was given").to_owned();
            return Err(ServiceError::unavailable(what(), code));
        }
        Ok(())
    }
}
