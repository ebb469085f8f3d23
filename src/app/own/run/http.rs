//! The little of HTTP that asking a program on this computer takes.
//!
//! Version 1.0, so that an answer ends with its connection and is not cut in pieces. Loopback addresses
//! only: nothing leaves this computer.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::language::{localized, of_system, tr};

/// Longest answer, bytes.
const ANSWER_MAX: usize = 8 << 20;
/// How long a connection on the same computer may take.
const CONNECT: Duration = Duration::from_secs(2);
/// How often it is looked whether to go on.
const LOOK: Duration = Duration::from_millis(100);

fn elsewhere(address: &SocketAddr) -> String {
    tr!("{address} is not on this computer", address)
}

fn too_long(time: &Duration) -> String {
    tr!("no answer within {seconds} s", seconds = localized(time.as_secs_f64().to_string()))
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// It was cancelled.
    #[error("{}", tr!("cancelled"))]
    Cancelled,
    /// The address is not on this computer.
    #[error("{}", elsewhere(.0))]
    Elsewhere(SocketAddr),
    /// Nobody listens there, or the connection broke.
    #[error("{}", of_system(.0))]
    Io(#[from] io::Error),
    /// It took too long.
    #[error("{}", too_long(.0))]
    TooLong(Duration),
    /// More than any answer has.
    #[error("{}", tr!("the answer is longer than {most} bytes", most = ANSWER_MAX))]
    TooMuch,
    /// The other side speaks something else.
    #[error("{}", tr!("the answer is not HTTP"))]
    NoHttp,
    /// An error of the other side.
    #[error("{status}: {body}")]
    Status {
        /// Status line without the version.
        status: String,
        /// Beginning of what it said.
        body: String,
    },
}

/// Asks; with a `body` by POST, else by GET. `on_body` sees all of the answer's body each time that more
/// has come.
///
/// # Errors
/// No answer, an answer of failure, too long or too late a one; or `cancel` was set, which closes the
/// connection.
pub fn ask(
    at: SocketAddr,
    path: &str,
    body: Option<&str>,
    limit: Duration,
    cancel: &AtomicBool,
    mut on_body: impl FnMut(&[u8]),
) -> Result<Vec<u8>, HttpError> {
    if !at.ip().is_loopback() {
        return Err(HttpError::Elsewhere(at));
    }
    let mut stream = TcpStream::connect_timeout(&at, CONNECT)?;
    stream.set_read_timeout(Some(LOOK))?;
    stream.set_write_timeout(Some(CONNECT))?;
    let method = if body.is_some() { "POST" } else { "GET" };
    let body = body.unwrap_or("");
    let request = format!(
        "{method} {path} HTTP/1.0\r\nHost: {at}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes())?;
    let start = Instant::now();
    let mut answer = Vec::new();
    let mut head: Option<usize> = None;
    let mut buffer = vec![0; 16 << 10];
    loop {
        if cancel.load(Ordering::Relaxed) {
            return Err(HttpError::Cancelled);
        }
        if start.elapsed() > limit {
            return Err(HttpError::TooLong(limit));
        }
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => answer.extend_from_slice(&buffer[..n]),
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
                ) =>
            {
                continue;
            }
            Err(error) => return Err(error.into()),
        }
        if answer.len() > ANSWER_MAX {
            return Err(HttpError::TooMuch);
        }
        if head.is_none() {
            head = answer.windows(4).position(|end| end == b"\r\n\r\n").map(|at| at + 4);
        }
        if let Some(head) = head {
            on_body(&answer[head..]);
        }
    }
    let head = head.ok_or(HttpError::NoHttp)?;
    let body = answer.split_off(head);
    let first = String::from_utf8_lossy(&answer);
    let first = first.lines().next().unwrap_or("");
    let (version, status) = first.split_once(' ').ok_or(HttpError::NoHttp)?;
    if !version.starts_with("HTTP/") {
        return Err(HttpError::NoHttp);
    }
    if status.starts_with('2') {
        return Ok(body);
    }
    let said: String = String::from_utf8_lossy(&body).chars().filter(|c| !c.is_control()).take(200).collect();
    Err(HttpError::Status { status: status.to_owned(), body: said })
}
