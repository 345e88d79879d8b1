//! A server that lives as long as its handle.

use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A server that accepts requests until dropped; open requests may finish.
pub(crate) struct Listening {
    url: String,
    /// Never sent: dropping it stops the server.
    stop: oneshot::Sender<()>,
    server: JoinHandle<()>,
}

/// How long [`Listening::stop`] waits for open requests.
const CLOSED_WITHIN: Duration = Duration::from_secs(5);

impl Listening {
    /// Serves `app` on a listener that is bound already, so that the caller knows the port.
    pub(crate) fn serve(listener: TcpListener, app: Router) -> anyhow::Result<Self> {
        let address = listener.local_addr().context("listener has no address")?;
        let (stop, stopped) = oneshot::channel::<()>();
        // Responses are written in two parts, head and body: with Nagle's algorithm the second
        // would wait for the client's delayed acknowledgement of the first, about 40 ms.
        let listener = listener.tap_io(|connection| {
            if let Err(error) = connection.set_nodelay(true) {
                tracing::debug!(%error, "can't set TCP_NODELAY on a connection");
            }
        });
        let server = tokio::spawn(async move {
            let served = axum::serve(listener, app).with_graceful_shutdown(async {
                let _dropped = stopped.await;
            });
            if let Err(error) = served.await {
                tracing::error!(%error, %address, "server stopped");
            }
        });
        Ok(Self {
            url: format!("http://{address}"),
            stop,
            server,
        })
    }

    /// Stops, and returns when the port is free for another server.
    pub(crate) async fn stop(self) {
        drop(self.stop);
        // A request that goes on for longer keeps its connection, and not the port.
        let _ = tokio::time::timeout(CLOSED_WITHIN, self.server).await;
    }

    /// Returns the base URL, `http://<address>:<port>`, without a trailing slash.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}
