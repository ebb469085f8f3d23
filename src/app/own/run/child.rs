//! A program of somebody else's as a child: its output bounded, its time limited, ended when that is asked.

use std::ffi::OsString;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use super::RunError;
use crate::language::of_system;

/// Most bytes that are taken of each of its two streams; llama-bench writes a few thousand.
const OUTPUT_MAX: usize = 4 << 20;
/// How often it is looked whether it should end.
const LOOK: Duration = Duration::from_millis(50);
/// How long its pipes may stay open after its end: a grandchild may hold them.
const PIPES: Duration = Duration::from_secs(2);

/// When a child is given up.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// All its time.
    pub whole: Duration,
    /// Longest time without a byte from it.
    pub silence: Duration,
}

/// What a child left.
#[derive(Debug)]
pub struct Ended {
    /// How it ended.
    pub status: ExitStatus,
    /// Its standard output.
    pub stdout: Vec<u8>,
    /// Its standard error.
    pub stderr: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stream {
    Out,
    Err,
}

/// A piece of a stream; `None` ends it.
type Piece = (Stream, Option<Vec<u8>>);

/// Runs `program` to its end. `on_output` sees all of standard output each time that more has come.
///
/// # Errors
/// It cannot be started, prints far more than is taken, takes too long, or was cancelled; then it and its
/// children are gone.
pub fn run(
    program: &Path,
    arguments: &[OsString],
    limits: Limits,
    cancel: &AtomicBool,
    mut on_output: impl FnMut(&[u8]),
) -> Result<Ended, RunError> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    alone(&mut command);
    let child =
        command.spawn().map_err(|error| RunError::Start(program.display().to_string(), of_system(&error)))?;
    let mut child = Guard { child, done: false };
    let pieces = listen(&mut child.child).map_err(|error| RunError::Listen(of_system(&error)))?;
    let start = Instant::now();
    let (mut stdout, mut stderr, mut last) = (Vec::new(), Vec::new(), start);
    let mut open = 2;
    let mut ended: Option<(ExitStatus, Instant)> = None;
    loop {
        match pieces.recv_timeout(LOOK) {
            Ok((_, None)) => open -= 1,
            Ok((stream, Some(piece))) => {
                last = Instant::now();
                let whole = if stream == Stream::Out { &mut stdout } else { &mut stderr };
                if whole.len() + piece.len() > OUTPUT_MAX {
                    return Err(RunError::TooMuch);
                }
                whole.extend(piece);
                if stream == Stream::Out {
                    on_output(&stdout);
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => open = 0,
        }
        if cancel.load(Ordering::Relaxed) {
            return Err(RunError::Cancelled);
        }
        if ended.is_none() {
            let status = child.child.try_wait().map_err(|error| RunError::Listen(of_system(&error)))?;
            ended = status.map(|status| (status, Instant::now()));
        }
        match ended {
            Some((status, at)) if open == 0 || at.elapsed() > PIPES => {
                child.done = open == 0;
                return Ok(Ended { status, stdout, stderr });
            }
            None if start.elapsed() > limits.whole => return Err(RunError::TooLong(limits.whole)),
            None if last.elapsed() > limits.silence => return Err(RunError::Silent(limits.silence)),
            // Both streams are closed: nothing wakes this loop any more.
            None if open == 0 => thread::sleep(LOOK),
            _ => {}
        }
    }
}

/// Ends the child, and what it has started, when it is dropped before its end.
struct Guard {
    child: Child,
    done: bool,
}

impl Drop for Guard {
    fn drop(&mut self) {
        if !self.done {
            end(&mut self.child);
            self.child.wait().ok();
        }
    }
}

/// Gives the child a process group of its own, so that all it starts can be ended with it.
fn alone(command: &mut Command) {
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        command.process_group(0);
    }
    #[cfg(windows)]
    {
        use std::os::windows::process::CommandExt as _;
        /// No console window beside ours.
        const CREATE_NO_WINDOW: u32 = 0x0800_0000;
        command.creation_flags(CREATE_NO_WINDOW);
    }
}

fn end(child: &mut Child) {
    #[cfg(unix)]
    if let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        rustix::process::kill_process_group(group, rustix::process::Signal::KILL).ok();
    }
    child.kill().ok();
}

/// Threads that read both streams.
fn listen(child: &mut Child) -> io::Result<Receiver<Piece>> {
    // A child that prints faster than it is read waits.
    let (sender, pieces) = mpsc::sync_channel(16);
    if let Some(out) = child.stdout.take() {
        listen_to(Stream::Out, out, sender.clone())?;
    }
    if let Some(err) = child.stderr.take() {
        listen_to(Stream::Err, err, sender)?;
    }
    Ok(pieces)
}

fn listen_to(
    stream: Stream,
    mut pipe: impl Read + Send + 'static,
    sender: SyncSender<Piece>,
) -> io::Result<()> {
    let read = move || {
        let mut buffer = vec![0; 16 << 10];
        loop {
            match pipe.read(&mut buffer) {
                Ok(n) if n > 0 => {
                    if sender.send((stream, Some(buffer[..n].to_vec()))).is_err() {
                        return;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                _ => break,
            }
        }
        sender.send((stream, None)).ok();
    };
    thread::Builder::new().name("child output".to_owned()).spawn(read).map(drop)
}
