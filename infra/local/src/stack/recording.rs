//! Call recorders between the functions and the services that they call.

use std::collections::BTreeMap;

use tokio::net::TcpListener;

use super::{any_port, url_of};
use crate::proxy::{
    call_recorder::{CallLog, CallRecorder},
    faults::Faults,
};

/// Whether the functions' calls are recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Calls {
    /// The functions call the services directly.
    #[default]
    Unrecorded,
    /// The functions call recorders: see [`Stack::call_log`](super::Stack::call_log). Recorders can
    /// inject faults: [`StackOptions::faults`](super::StackOptions).
    Recorded,
}

/// Bound ports of the recorders, before their upstreams exist: the functions need the addresses
/// first.
pub(super) struct RecorderPorts {
    cognito: TcpListener,
    s3: TcpListener,
    dynamodb: TcpListener,
    sqs: TcpListener,
}

impl RecorderPorts {
    /// Binds the ports. `None` unless calls are to be recorded.
    pub(super) async fn open(calls: Calls) -> anyhow::Result<Option<Self>> {
        if calls == Calls::Unrecorded {
            return Ok(None);
        }
        Ok(Some(Self {
            cognito: any_port().await?,
            s3: any_port().await?,
            dynamodb: any_port().await?,
            sqs: any_port().await?,
        }))
    }

    /// Points the functions' endpoints to the recorders.
    pub(super) fn place(&self, env: &mut BTreeMap<String, String>) -> anyhow::Result<()> {
        for (name, listener) in [
            ("AWS_ENDPOINT_URL_COGNITO_IDENTITY", &self.cognito),
            ("AWS_ENDPOINT_URL_S3", &self.s3),
            ("AWS_ENDPOINT_URL_DYNAMODB", &self.dynamodb),
            ("AWS_ENDPOINT_URL_SQS", &self.sqs),
        ] {
            env.insert(name.to_owned(), url_of(listener)?);
        }
        Ok(())
    }

    /// Starts the recorders before their upstreams.
    pub(super) fn start(
        self,
        [cognito, s3, others]: [&str; 3],
        call_log: &CallLog,
        faults: &Faults,
    ) -> anyhow::Result<Vec<CallRecorder>> {
        [
            (self.cognito, cognito),
            (self.s3, s3),
            (self.dynamodb, others),
            (self.sqs, others),
        ]
        .into_iter()
        .map(|(listener, upstream)| CallRecorder::start(listener, upstream, call_log, faults))
        .collect()
    }
}
