//! An HTTP server that can break its answers.

use std::{collections::BTreeMap, sync::Arc};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// Answers by path; any other path is a 404.
pub(super) type Answers = BTreeMap<String, Answer>;

/// An answer, as it is sent.
#[derive(Clone)]
pub(super) struct Answer {
    head: String,
    /// What the head says about the body's length, if anything.
    announced: Option<usize>,
    body: Vec<u8>,
    /// Whether the connection stays open after half of the body.
    stalls: bool,
}

impl Answer {
    pub(super) fn ok(body: Vec<u8>) -> Self {
        Self {
            head: "HTTP/1.1 200 OK\r\n".to_owned(),
            announced: Some(body.len()),
            body,
            stalls: false,
        }
    }

    pub(super) fn redirect(to: &str) -> Self {
        let mut answer = Self::ok(Vec::new());
        answer.head = format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\n");
        answer
    }

    fn not_found() -> Self {
        let mut answer = Self::ok(Vec::new());
        answer.head = "HTTP/1.1 404 Not Found\r\n".to_owned();
        answer
    }

    /// Announces another length than the body has.
    pub(super) fn announcing(mut self, length: usize) -> Self {
        self.announced = Some(length);
        self
    }

    /// Ends the body with the connection.
    pub(super) fn unannounced(mut self) -> Self {
        self.announced = None;
        self
    }

    /// Sends half of the body and then nothing.
    pub(super) fn stalling(mut self) -> Self {
        self.stalls = true;
        self
    }

    async fn send(&self, connection: &mut TcpStream) -> std::io::Result<()> {
        let length = self.announced.map_or_else(String::new, |length| {
            format!("content-length: {length}\r\n")
        });
        let head = format!("{}{length}connection: close\r\n\r\n", self.head);
        connection.write_all(head.as_bytes()).await?;
        if self.stalls {
            connection
                .write_all(&self.body[..self.body.len() / 2])
                .await?;
            std::future::pending::<()>().await;
        }
        connection.write_all(&self.body).await?;
        connection.shutdown().await
    }
}

/// A server on a port of its own.
pub(super) struct Server {
    port: u16,
    task: JoinHandle<()>,
}

impl Server {
    pub(super) async fn start(answers: Answers) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let answers = Arc::new(answers);
        let task = tokio::spawn(async move {
            loop {
                let (connection, _) = listener.accept().await.unwrap();
                tokio::spawn(answer(connection, Arc::clone(&answers)));
            }
        });
        Self { port, task }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Closes the port.
    pub(super) async fn stop(mut self) {
        self.task.abort();
        assert!((&mut self.task).await.unwrap_err().is_cancelled());
    }
}

async fn answer(mut connection: TcpStream, answers: Arc<Answers>) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(connection.read_u8().await.unwrap());
    }
    let request = String::from_utf8(request).unwrap();
    let path = request.split(' ').nth(1).unwrap();
    let answer = answers.get(path).cloned().unwrap_or_else(Answer::not_found);
    // The client may close the connection as soon as it has seen enough.
    drop(answer.send(&mut connection).await);
}
