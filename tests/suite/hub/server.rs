//! A server on this computer that speaks like the hub, and misbehaves as it is told.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// A request.
#[derive(Clone, Debug)]
pub struct Request {
    pub path: String,
    pub headers: Vec<(String, String)>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The asked range, first byte and the byte behind the last.
    pub fn range(&self) -> Option<(usize, usize)> {
        let (start, end) = self.header("range")?.strip_prefix("bytes=")?.split_once('-')?;
        Some((start.parse().ok()?, end.parse::<usize>().ok()? + 1))
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The length that is stated, where it is not the body's.
    pub states: Option<u64>,
    /// Waits before it answers.
    pub delay: Duration,
    /// Waits after each thousand bytes.
    pub pause: Duration,
}

impl Reply {
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        Self { status, headers: Vec::new(), body, states: None, delay: Duration::ZERO, pause: Duration::ZERO }
    }

    pub fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self::new(200, body)
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A part of a file of `total` bytes that begins with `head`, as the request asks for.
    pub fn part(request: &Request, head: &[u8], total: usize) -> Self {
        let (start, end) = request.range().unwrap_or((0, total));
        let end = end.min(total);
        let bytes: Vec<u8> = (start..end).map(|at| head.get(at).copied().unwrap_or(0)).collect();
        Self::new(206, bytes)
            .with("content-range", &format!("bytes {start}-{}/{total}", end.saturating_sub(1)))
    }
}

/// What is answered to a request; the number counts those before.
pub type Handler = dyn Fn(&Request, usize) -> Reply + Send + Sync;

/// The server; it ends with the test.
pub struct Server {
    pub base: String,
    log: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    pub fn new(handler: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
        let log: Arc<Mutex<Vec<Request>>> = Arc::default();
        let (handler, seen): (Arc<Handler>, _) = (Arc::new(handler), Arc::clone(&log));
        let accept = move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                let (handler, log) = (Arc::clone(&handler), Arc::clone(&seen));
                thread::Builder::new()
                    .name("answer".to_owned())
                    .spawn(move || serve(stream, &*handler, &log))
                    .unwrap();
            }
        };
        thread::Builder::new().name("server".to_owned()).spawn(accept).unwrap();
        Self { base, log }
    }

    /// All requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.log.lock().unwrap().clone()
    }
}

fn serve(stream: TcpStream, handler: &Handler, log: &Mutex<Vec<Request>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap()).take(1 << 16);
    let mut first = String::new();
    if reader.read_line(&mut first).unwrap_or(0) == 0 {
        return;
    }
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap_or(0);
        let Some((name, value)) = line.trim().split_once(':') else { break };
        headers.push((name.trim().to_owned(), value.trim().to_owned()));
    }
    let request = Request { path, headers };
    let before = {
        let mut log = log.lock().unwrap();
        log.push(request.clone());
        log.len() - 1
    };
    send(stream, &handler(&request, before));
}

/// A client that has gone away is no failure of the server.
fn send(mut stream: TcpStream, reply: &Reply) {
    use std::fmt::Write as _;

    thread::sleep(reply.delay);
    let length = reply.states.unwrap_or(reply.body.len() as u64);
    let mut head =
        format!("HTTP/1.1 {} X\r\ncontent-length: {length}\r\nconnection: close\r\n", reply.status);
    for (name, value) in &reply.headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    head.push_str("\r\n");
    if stream.write_all(head.as_bytes()).is_err() {
        return;
    }
    for chunk in reply.body.chunks(if reply.pause.is_zero() { 1 << 16 } else { 1000 }) {
        if stream.write_all(chunk).is_err() {
            return;
        }
        if !reply.pause.is_zero() {
            thread::sleep(reply.pause);
        }
    }
    let _ = stream.flush();
}
