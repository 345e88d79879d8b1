//! An execution environment whose function is the test.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::container::log::Log;
use crate::container::sandbox::{Function, Sandbox};
use crate::container::{bootstrap, endpoint};

/// Script of a process that does nothing: the test itself talks to the Runtime API.
pub(super) const IDLE: &str = "exec sleep 600";

pub(super) struct Stage {
    invoke_url: String,
    /// Runtime API address and process id of every started `bootstrap`.
    pub(super) started: mpsc::UnboundedReceiver<(SocketAddr, u32)>,
    pub(super) dir: tempfile::TempDir,
}

/// Starts an environment whose `bootstrap` is a shell script.
pub(super) async fn stage(timeout: Duration, script: &'static str) -> Stage {
    let dir = tempfile::tempdir().unwrap();
    let log = Log::open(&dir.path().join("own"), &dir.path().join("log")).unwrap();
    let (starts, started) = mpsc::unbounded_channel();
    let launch_log = log.clone();
    let launch = move |address| {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        let child = bootstrap::spawn(command, &BTreeMap::new(), Path::new("/"), &launch_log)?;
        let _ = starts.send((address, child.id().unwrap_or_default()));
        Ok(child)
    };
    let function = Function {
        arn: "arn:aws:lambda:r:1:function:f".into(),
        timeout,
    };
    let (queue, jobs) = mpsc::channel(8);
    tokio::spawn(Sandbox::new(function, log, launch, |_| {}).run(jobs));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, endpoint::router(queue)).await });
    let invoke_url = format!("http://{address}/2015-03-31/functions/function/invocations");
    Stage {
        invoke_url,
        started,
        dir,
    }
}

impl Stage {
    /// Invokes the function as the emulator does, concurrently with the caller.
    pub(super) fn invoke(&self, payload: impl Into<String>) -> JoinHandle<reqwest::Result<String>> {
        let (url, payload) = (self.invoke_url.clone(), payload.into());
        tokio::spawn(async move { client().post(url).body(payload).send().await?.text().await })
    }

    pub(super) async fn next_start(&mut self) -> (Runtime, u32) {
        let (address, pid) = self.started.recv().await.unwrap();
        (Runtime(format!("http://{address}/2018-06-01/runtime")), pid)
    }
}

pub(super) fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// The function's side of the Runtime API.
pub(super) struct Runtime(pub(super) String);

impl Runtime {
    pub(super) async fn next(&self) -> (String, String) {
        let next = client()
            .get(format!("{}/invocation/next", self.0))
            .send()
            .await
            .unwrap();
        let id = next.headers()["lambda-runtime-aws-request-id"]
            .to_str()
            .unwrap()
            .to_owned();
        (id, next.text().await.unwrap())
    }

    pub(super) async fn post(&self, path: &str, body: impl Into<reqwest::Body>) -> u16 {
        let request = client().post(format!("{}/{path}", self.0)).body(body);
        request.send().await.unwrap().status().as_u16()
    }

    pub(super) async fn respond(&self, id: &str, body: impl Into<reqwest::Body>) -> u16 {
        self.post(&format!("invocation/{id}/response"), body).await
    }
}

pub(super) async fn json_of(answer: JoinHandle<reqwest::Result<String>>) -> Value {
    serde_json::from_str(&answer.await.unwrap().unwrap()).unwrap()
}
