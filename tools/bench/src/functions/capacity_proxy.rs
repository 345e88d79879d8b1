//! Proxy between a function and the emulator's DynamoDB, which records the cost of each `Query`.
//!
//! It adds a request for the consumed capacity to the function's query, so that the capacity is
//! that of the product's own query, and it measures the time of the emulator alone.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use serde_json::{Value, json};

use super::{
    fake_aws,
    http_server::{Answer, Request, Server, Service},
};

/// A query and its cost.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// Identity id of the partition.
    pub(super) identity: String,
    /// Time of the emulator.
    pub(super) took: Duration,
    pub(super) capacity_units: f64,
}

/// The running proxy.
pub(super) struct CapacityProxy {
    server: Server,
    forwarder: Arc<Forwarder>,
}

struct Forwarder {
    /// Address of the emulator as `host:port`.
    emulator: String,
    connection: Mutex<Option<BufReader<TcpStream>>>,
    asked: Mutex<Vec<Asked>>,
}

impl CapacityProxy {
    pub(super) fn start(emulator_url: &str) -> anyhow::Result<Self> {
        let emulator = emulator_url
            .strip_prefix("http://")
            .context("the emulator speaks plain HTTP")?;
        let forwarder = Arc::new(Forwarder {
            emulator: emulator.to_owned(),
            connection: Mutex::default(),
            asked: Mutex::default(),
        });
        Ok(Self {
            server: Server::start(Arc::clone(&forwarder))?,
            forwarder,
        })
    }

    pub(super) fn url(&self) -> String {
        self.server.url()
    }

    /// Returns the queries since the last call.
    pub(super) fn take(&self) -> Vec<Asked> {
        std::mem::take(&mut *lock(&self.forwarder.asked))
    }
}

impl Service for Forwarder {
    fn answer(&self, request: &Request<'_>) -> Answer {
        self.forward(request)
            .unwrap_or_else(|error| fake_aws::refusal(&format!("{error:#}")))
    }
}

impl Forwarder {
    fn forward(&self, request: &Request<'_>) -> anyhow::Result<Answer> {
        let target = request.header("x-amz-target").context("no operation")?;
        ensure!(target == "DynamoDB_20120810.Query", "unexpected {target}");
        let mut query: Value = serde_json::from_slice(request.body)?;
        query["ReturnConsumedCapacity"] = json!("TOTAL");
        let identity = query["ExpressionAttributeValues"][":identity"]["S"]
            .as_str()
            .context("no partition")?
            .to_owned();
        let body = query.to_string();
        let mut connection = lock(&self.connection);
        let emulator = match &mut *connection {
            Some(emulator) => emulator,
            none => {
                let stream = TcpStream::connect(&self.emulator)?;
                stream.set_nodelay(true)?;
                none.insert(BufReader::new(stream))
            }
        };
        // The emulator's IAM evaluates the user's own credentials. It does not check the signature,
        // which does not match the changed body.
        let authorization = request.header("authorization").unwrap_or_default();
        let token = request.header("x-amz-security-token").unwrap_or_default();
        let head = format!(
            "POST / HTTP/1.1\r\nhost: {}\r\nx-amz-target: {target}\r\ncontent-type: application/x-amz-json-1.0\r\n\
             authorization: {authorization}\r\nx-amz-security-token: {token}\r\ncontent-length: {}\r\n\r\n",
            self.emulator,
            body.len()
        );
        let began = Instant::now();
        emulator
            .get_mut()
            .write_all(&[head.as_bytes(), body.as_bytes()].concat())?;
        let (status, body) = read_response(emulator)?;
        let took = began.elapsed();
        ensure!(
            status.contains(" 200 "),
            "{status}: {}",
            String::from_utf8_lossy(&body)
        );
        let page: Value = serde_json::from_slice(&body)?;
        let capacity_units = page["ConsumedCapacity"]["CapacityUnits"]
            .as_f64()
            .context("no capacity")?;
        lock(&self.asked).push(Asked {
            identity,
            took,
            capacity_units,
        });
        Ok(fake_aws::aws_json(Bytes::from(body)))
    }
}

fn read_response(emulator: &mut BufReader<TcpStream>) -> anyhow::Result<(String, Vec<u8>)> {
    let mut status = String::new();
    emulator.read_line(&mut status)?;
    let mut length = None;
    loop {
        let mut line = String::new();
        ensure!(
            emulator.read_line(&mut line)? > 0,
            "the emulator closed the connection"
        );
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = Some(value.trim().parse()?);
        }
    }
    let mut body = vec![0; length.context("the response has no content-length")?];
    emulator.read_exact(&mut body)?;
    Ok((status.trim_end().to_owned(), body))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
