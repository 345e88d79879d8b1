//! Tells an event bus of finished pictures, where there is one.
//!
//! Needs `events:PutEvents` on the bus.

use aws_config::SdkConfig;
use aws_sdk_eventbridge::{Client, types::PutEventsRequestEntry};

use crate::service_error::ServiceError;
use common::completion_event::{CompletionEvent, SOURCE};

/// Says it, or keeps silent because nobody asked for it.
#[derive(Clone, Debug, Default)]
pub struct EventPublisher {
    bus: Option<(Client, String)>,
}

impl EventPublisher {
    /// Without a bus, everything is kept to oneself, and no client is made.
    pub fn new(sdk: &SdkConfig, bus: Option<String>) -> Self {
        Self {
            bus: bus.map(|name| (Client::new(sdk), name)),
        }
    }

    /// Whether there is anybody to tell.
    pub fn is_silent(&self) -> bool {
        self.bus.is_none()
    }

    /// Tells it. What fails can be tried again: whoever listens has to expect the same event twice.
    pub async fn announce(&self, event: CompletionEvent) -> Result<(), ServiceError> {
        let Some((client, bus)) = &self.bus else {
            return Ok(());
        };
        let what = || format!("announce {} on {bus}", event.detail_type);
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
        // The call succeeds even where its one entry does not.
        if answer.failed_entry_count() > 0 {
            let code = answer.entries().iter().find_map(|entry| entry.error_code());
            let code = code.unwrap_or("no reason was given").to_owned();
            return Err(ServiceError::unavailable(what(), code));
        }
        Ok(())
    }
}
