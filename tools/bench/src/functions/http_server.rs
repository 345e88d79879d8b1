//! A minimal HTTP/1.1 server for benchmarks.
//!
//! It uses a thread for each connection, blocking reads into reused buffers, and one write for a
//! small response. The local stack's servers are built on `axum`, which is the better choice for
//! everything else: here the server's own time is part of every number, on both sides of a
//! comparison, and would make the sides look more similar than they are. The expensive parts are in
//! the standard library and the kernel, so that this program needs no optimised build.

use std::{
    fmt::Write as _,
    io::{self, BufRead, BufReader, Read as _, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use bytes::Bytes;
use rustls::{ServerConnection, StreamOwned};

use super::tls::Certificate;

/// Maximum bytes of a body that is sent in one write with its head.
const ONE_WRITE_BYTES: usize = 64 * 1024;

/// Handler of a server's requests.
pub(super) trait Service: Send + Sync + 'static {
    /// Responds to a request whose body has been read completely.
    fn answer(&self, request: &Request<'_>) -> Answer;

    /// Does work after the response is sent, for which the client does not wait.
    fn afterwards(&self, _request: &Request<'_>) {}
}

/// A request, read completely.
pub(super) struct Request<'a> {
    head: &'a str,
    /// Body; empty if there is none.
    pub(super) body: &'a [u8],
}

impl<'a> Request<'a> {
    pub(super) fn method(&self) -> &'a str {
        self.head.split(' ').next().unwrap_or_default()
    }

    /// Returns the path with the query.
    pub(super) fn path(&self) -> &'a str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }

    pub(super) fn header(&self, name: &str) -> Option<&'a str> {
        header(self.head, name)
    }
}

/// A response.
pub(super) struct Answer {
    /// Status line, such as `200 OK`.
    pub(super) status: &'static str,
    /// Header lines, each with its line break.
    pub(super) headers: String,
    pub(super) body: Bytes,
}

/// A server on a free port of the loopback interface. After its drop, it accepts no further
/// connection, and serves open ones until the client closes them.
pub(super) struct Server {
    scheme: &'static str,
    address: SocketAddr,
    stopped: Arc<AtomicBool>,
}

impl Server {
    pub(super) fn start(service: Arc<impl Service>) -> io::Result<Self> {
        Self::start_with(move |connection| serve(&connection, &*service))
    }

    /// Starts a server that speaks TLS, if there is a certificate.
    pub(super) fn start_with_tls(
        service: Arc<impl Service>,
        certificate: Option<&Certificate>,
    ) -> io::Result<Self> {
        let Some(config) = certificate.map(Certificate::config) else {
            return Self::start(service);
        };
        let mut server = Self::start_with(move |connection| {
            let session = ServerConnection::new(Arc::clone(&config)).map_err(io::Error::other)?;
            serve(StreamOwned::new(session, connection), &*service)
        })?;
        server.scheme = "https";
        Ok(server)
    }

    fn start_with(
        serve: impl Fn(TcpStream) -> io::Result<()> + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let serve = Arc::new(serve);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let stopped = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&stopped);
        thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                if stop.load(Ordering::Acquire) {
                    break;
                }
                let serve = Arc::clone(&serve);
                // An error ends the connection, which its client notices.
                thread::spawn(move || {
                    connection.set_nodelay(true)?;
                    serve(connection)
                });
            }
        });
        Ok(Self {
            scheme: "http",
            address,
            stopped,
        })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Release);
        // Wakes the thread that waits for a connection. If that fails, the thread ends with the
        // program.
        drop(TcpStream::connect(self.address));
    }
}

fn serve(connection: impl io::Read + Write, service: &impl Service) -> io::Result<()> {
    let mut reader = BufReader::with_capacity(ONE_WRITE_BYTES, connection);
    let (mut head, mut body) = (Vec::new(), Vec::new());
    while read_head(&mut reader, &mut head)? {
        let text = std::str::from_utf8(&head).map_err(io::Error::other)?;
        if header(text, "transfer-encoding").is_some() {
            return Err(io::Error::other("transfer-encoding is not supported"));
        }
        if header(text, "expect").is_some() {
            let writer = reader.get_mut();
            writer.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        let length = match header(text, "content-length") {
            Some(length) => length.parse().map_err(io::Error::other)?,
            None => 0,
        };
        if body.len() < length {
            body.resize(length, 0);
        }
        let body = &mut body[..length];
        reader.read_exact(body)?;
        let request = Request { head: text, body };
        write_answer(reader.get_mut(), &service.answer(&request))?;
        service.afterwards(&request);
    }
    Ok(())
}

/// Reads the head of a request. Returns false at the end of the connection.
fn read_head(reader: &mut impl BufRead, head: &mut Vec<u8>) -> io::Result<bool> {
    head.clear();
    loop {
        let line = reader.read_until(b'\n', head)?;
        if line == 0 {
            return Ok(false);
        }
        if line == 2 {
            return Ok(true);
        }
    }
}

fn write_answer(writer: &mut impl Write, answer: &Answer) -> io::Result<()> {
    let Answer {
        status,
        headers,
        body,
    } = answer;
    let mut head = String::with_capacity(512);
    write!(
        head,
        "HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n",
        body.len()
    )
    .map_err(io::Error::other)?;
    let mut out = head.into_bytes();
    if body.len() <= ONE_WRITE_BYTES {
        out.extend_from_slice(body);
        writer.write_all(&out)?;
    } else {
        writer.write_all(&out)?;
        writer.write_all(body)?;
    }
    writer.flush()
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().skip(1).find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::TcpStream,
        sync::Arc,
    };

    use bytes::Bytes;

    use super::{Answer, Request, Server, Service};

    /// Responds with the request's content.
    struct Echo;

    impl Service for Echo {
        fn answer(&self, request: &Request<'_>) -> Answer {
            let told = format!(
                "{} {} {:?} {}",
                request.method(),
                request.path(),
                request.header("x-a"),
                String::from_utf8_lossy(request.body)
            );
            Answer {
                status: "200 OK",
                headers: String::new(),
                body: Bytes::from(told),
            }
        }
    }

    #[test]
    fn two_requests_on_one_connection_are_answered_in_turn() {
        let server = Server::start(Arc::new(Echo)).unwrap();
        let mut connection = TcpStream::connect(server.address()).unwrap();
        connection
            .write_all(b"PUT /a?b HTTP/1.1\r\nX-A: 1\r\nContent-Length: 3\r\n\r\nxyzGET / HTTP/1.1\r\n\r\n")
            .unwrap();
        connection.shutdown(std::net::Shutdown::Write).unwrap();
        let mut text = String::new();
        connection.read_to_string(&mut text).unwrap();
        assert!(text.contains("PUT /a?b Some(\"1\") xyz"), "{text}");
        assert!(text.ends_with("GET / None "), "{text}");
    }

    #[test]
    fn a_client_that_expects_100_continue_gets_it() {
        let server = Server::start(Arc::new(Echo)).unwrap();
        let mut connection = TcpStream::connect(server.address()).unwrap();
        connection
            .write_all(b"PUT / HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 1\r\n\r\n")
            .unwrap();
        let mut asked = [0; 25];
        connection.read_exact(&mut asked).unwrap();
        assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");
    }
}
