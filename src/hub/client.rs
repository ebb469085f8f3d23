//! One request, with everything that can happen to it.

use std::io::Read;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use ureq::Agent;
use ureq::http::{Response, StatusCode};

use super::cache::Cache;
use super::{Cancel, HubError};
use crate::files::input;
use crate::language::{of_system, tr};

/// Where the hub is where nothing else is named.
const BASE: &str = "https://huggingface.co";
/// Redirections that are followed.
const MOST_REDIRECTS: usize = 5;
/// Bytes between two looks at whether to stop.
const STEP: usize = 1 << 16;
/// Longest token, bytes.
const LONGEST_TOKEN: u64 = 4096;

/// How long and how often is waited.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For a connection.
    pub connect: Duration,
    /// For the first byte of an answer.
    pub answer: Duration,
    /// For a whole request with its answer.
    pub whole: Duration,
    /// Tries of one request.
    pub tries: u32,
    /// Before the second try; doubled before each further one.
    pub backoff: Duration,
    /// Longest time that the hub may ask to wait before the next try.
    pub longest_wait: Duration,
    /// Requests at once.
    pub at_once: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            answer: Duration::from_secs(20),
            whole: Duration::from_mins(2),
            tries: 4,
            backoff: Duration::from_millis(500),
            longest_wait: Duration::from_secs(20),
            at_once: 4,
        }
    }
}

/// How the hub is reached.
#[derive(Clone, Debug)]
pub struct Options {
    /// Address of the hub, or of a mirror.
    pub base: String,
    /// Token for gated repositories.
    pub token: Option<String>,
    /// Folder for answers that are kept.
    pub cache: Option<PathBuf>,
    /// The network is not to be used.
    pub offline: bool,
    /// Waiting.
    pub limits: Limits,
}

impl Default for Options {
    fn default() -> Self {
        Self { base: BASE.to_owned(), token: None, cache: None, offline: false, limits: Limits::default() }
    }
}

impl Options {
    /// As the hub's own tools take it from the environment: `HF_ENDPOINT`, `HF_TOKEN` or the file that
    /// `hf auth login` writes, `HF_HUB_OFFLINE`. Proxies come from `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and
    /// `NO_PROXY`.
    pub fn of_environment(cache: Option<PathBuf>) -> Self {
        let set = |name: &str| {
            std::env::var(name).ok().map(|value| value.trim().to_owned()).filter(|v| !v.is_empty())
        };
        let home = std::env::home_dir();
        let home_of_hub = set("HF_HOME").map(PathBuf::from).or_else(|| {
            let cache =
                set("XDG_CACHE_HOME").map(PathBuf::from).or_else(|| home.map(|home| home.join(".cache")));
            cache.map(|cache| cache.join("huggingface"))
        });
        let token_file =
            set("HF_TOKEN_PATH").map(PathBuf::from).or(home_of_hub.map(|home| home.join("token")));
        let from_file = || {
            let text = input::read_small(&token_file?, LONGEST_TOKEN, "token").ok()?;
            let text = String::from_utf8(text).ok()?.trim().to_owned();
            // Anything else would not be a header.
            text.bytes().all(|byte| byte.is_ascii_graphic()).then_some(text).filter(|text| !text.is_empty())
        };
        let yes = |name: &str| {
            set(name).is_some_and(|value| !matches!(value.as_str(), "0" | "false" | "no" | "off"))
        };
        Self {
            base: set("HF_ENDPOINT").unwrap_or_else(|| BASE.to_owned()),
            token: set("HF_TOKEN").or_else(|| set("HUGGING_FACE_HUB_TOKEN")).or_else(from_file),
            cache,
            offline: yes("HF_HUB_OFFLINE"),
            limits: Limits::default(),
        }
    }
}

/// The hub.
#[derive(Debug)]
pub struct Hub {
    agent: Agent,
    pub(super) base: String,
    token: Option<String>,
    pub(super) cache: Cache,
    offline: bool,
    pub(super) limits: Limits,
}

/// A part of a file, or all of it.
#[derive(Debug)]
pub(super) struct Part {
    /// From the asked byte on.
    pub bytes: Vec<u8>,
    /// The whole file's length.
    pub total: u64,
}

impl Hub {
    /// The hub by these options; nothing is asked yet.
    pub fn new(options: Options) -> Self {
        let limits = options.limits;
        let config = Agent::config_builder()
            .timeout_connect(Some(limits.connect))
            .timeout_recv_response(Some(limits.answer))
            .timeout_global(Some(limits.whole))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .user_agent(concat!("plimsoll/", env!("CARGO_PKG_VERSION")))
            .build();
        Self {
            agent: config.into(),
            base: options.base.trim_end_matches('/').to_owned(),
            token: options.token,
            cache: Cache::new(options.cache),
            offline: options.offline,
            limits,
        }
    }

    /// The text of `path`, which is kept and asked for again only where it has changed. `of`: whose it is.
    pub(super) fn text(&self, path: &str, of: &str, most: u64, cancel: &Cancel) -> Result<Vec<u8>, HubError> {
        self.text_at(&format!("{}{path}", self.base), of, most, cancel)
    }

    /// The text at an address, whosever that is: up to `most` bytes. The token goes to the hub alone.
    ///
    /// # Errors
    /// It is no address, is not there, cannot be reached, or is longer.
    pub fn fetch(&self, url: &str, most: u64, cancel: &Cancel) -> Result<Vec<u8>, HubError> {
        let url = url.trim();
        if !url.starts_with("https://") && !url.starts_with("http://") {
            return Err(HubError::Address(crate::files::error::short(url)));
        }
        self.text_at(url, url, most, cancel)
    }

    fn text_at(&self, url: &str, of: &str, most: u64, cancel: &Cancel) -> Result<Vec<u8>, HubError> {
        let kept = self.cache.text(url);
        if self.offline {
            return kept.map(|kept| kept.body).ok_or(HubError::SwitchedOff);
        }
        // Of an answer without a tag nobody can say whether it changed.
        let etag = kept.as_ref().map(|kept| kept.etag.clone()).filter(|etag| !etag.is_empty());
        let asked = self.patiently(cancel, || {
            let conditions: Vec<(&str, String)> =
                etag.iter().map(|etag| ("if-none-match", etag.clone())).collect();
            let (response, url) = self.follow(url, &conditions, of, cancel)?;
            if response.status() == StatusCode::NOT_MODIFIED {
                return Ok(None);
            }
            let tag = header(&response, "etag");
            let body = self.body(response, &url, most, false, cancel)?;
            Ok(Some((tag, body)))
        });
        match (asked, kept) {
            (Ok(None), Some(kept)) => Ok(kept.body),
            (Ok(None), None) => {
                Err(malformed(url, tr!("it says that nothing has changed, of what was never asked")))
            }
            (Ok(Some((tag, body))), _) => {
                self.cache.keep_text(url, &tag.unwrap_or_default(), &body);
                Ok(body)
            }
            // What was known is better than nothing.
            (Err(error), Some(kept)) if error.passes() => Ok(kept.body),
            (Err(error), _) => Err(error),
        }
    }

    /// Bytes `from` to `to` (not included) of a file.
    pub(super) fn range(
        &self,
        path: &str,
        of: &str,
        from: u64,
        to: u64,
        cancel: &Cancel,
    ) -> Result<Part, HubError> {
        if self.offline {
            return Err(HubError::SwitchedOff);
        }
        let url = format!("{}{path}", self.base);
        self.patiently(cancel, || {
            let range = format!("bytes={from}-{}", to.saturating_sub(1));
            let (response, url) = self.follow(&url, &[("range", range)], of, cancel)?;
            let (skip, total) = if response.status() == StatusCode::PARTIAL_CONTENT {
                let stated = header(&response, "content-range").unwrap_or_default();
                let (start, total) = content_range(&stated).ok_or_else(|| {
                    malformed(&url, &tr!("its range {range} cannot be read", range = format!("{stated:?}")))
                })?;
                if start != from {
                    return Err(malformed(
                        &url,
                        &tr!("it begins at byte {start}, and {from} was asked", start, from),
                    ));
                }
                (0, total)
            } else {
                // It sends all of it; what comes before is passed over, what comes behind is not waited for.
                let length = header(&response, "content-length").and_then(|length| length.parse().ok());
                (from, length.ok_or_else(|| malformed(&url, tr!("it does not say how long the file is")))?)
            };
            let wanted = to.min(total).saturating_sub(from);
            let mut bytes = self.body(response, &url, skip.saturating_add(wanted), true, cancel)?;
            bytes.drain(..(skip as usize).min(bytes.len()));
            if (bytes.len() as u64) < wanted {
                // The connection broke; it may hold the next time.
                let reason =
                    tr!("the connection ended after {read} of {wanted} bytes", read = bytes.len(), wanted);
                return Err(HubError::Offline { host: host(&url), reason });
            }
            Ok(Part { bytes, total })
        })
    }

    /// Tries again where that may help, each time after a longer wait.
    fn patiently<T>(&self, cancel: &Cancel, ask: impl Fn() -> Result<T, HubError>) -> Result<T, HubError> {
        let mut wait = self.limits.backoff;
        let mut tries = 1;
        loop {
            cancel.check()?;
            let error = match ask() {
                Err(error) if error.passes() && tries < self.limits.tries => error,
                done => return done,
            };
            let asked = match error {
                // It is asked to wait longer than anybody would.
                HubError::RateLimited { wait } if wait > self.limits.longest_wait => return Err(error),
                HubError::RateLimited { wait } => wait,
                _ => Duration::ZERO,
            };
            sleep(wait.max(asked), cancel)?;
            wait = wait.saturating_mul(2);
            tries += 1;
        }
    }

    /// The first answer that is no redirection. The token goes to the hub alone.
    fn follow(
        &self,
        url: &str,
        headers: &[(&str, String)],
        of: &str,
        cancel: &Cancel,
    ) -> Result<(Response<ureq::Body>, String), HubError> {
        let hub = origin(&self.base);
        let mut url = url.to_owned();
        for _ in 0..=MOST_REDIRECTS {
            cancel.check()?;
            let mut request = self.agent.get(&url);
            for (name, value) in headers {
                request = request.header(*name, value);
            }
            let is_hub = hub == origin(&url);
            if let Some(token) = self.token.as_ref().filter(|_| is_hub) {
                request = request.header("authorization", format!("Bearer {token}"));
            }
            let response = request.call().map_err(|error| self.transport(&url, error))?;
            let status = response.status();
            if status.is_redirection() && status != StatusCode::NOT_MODIFIED {
                let target = header(&response, "location").unwrap_or_default();
                url = joined(&url, &target).ok_or_else(|| {
                    malformed(
                        &url,
                        &tr!(
                            "it leads to {target}",
                            target = format!("{:?}", crate::files::error::short(&target))
                        ),
                    )
                })?;
                continue;
            }
            return match self.refusal(&response, &url, of) {
                Some(error) => Err(error),
                None => Ok((response, url)),
            };
        }
        Err(malformed(&url, &tr!("it leads on more than {most} times", most = MOST_REDIRECTS)))
    }

    fn refusal(&self, response: &Response<ureq::Body>, url: &str, of: &str) -> Option<HubError> {
        let status = response.status();
        let code = header(response, "x-error-code").unwrap_or_default();
        Some(match status.as_u16() {
            200 | 206 | 304 => return None,
            401 | 403 if code == "RepoNotFound" => HubError::NotFound(of.to_owned()),
            401 | 403 => HubError::Gated { repository: of.to_owned(), has_token: self.token.is_some() },
            404 => HubError::NotFound(of.to_owned()),
            429 => {
                let wait = header(response, "retry-after").and_then(|seconds| seconds.trim().parse().ok());
                HubError::RateLimited { wait: Duration::from_secs(wait.unwrap_or(0)) }
            }
            other => HubError::Status { host: host(url), status: other },
        })
    }

    /// Up to `most` bytes of an answer. `cut`: what is longer is cut, else it is an error.
    fn body(
        &self,
        response: Response<ureq::Body>,
        url: &str,
        most: u64,
        cut: bool,
        cancel: &Cancel,
    ) -> Result<Vec<u8>, HubError> {
        let stated = header(&response, "content-length").and_then(|length| length.parse::<u64>().ok());
        let until = Instant::now() + self.limits.whole;
        let mut reader = response.into_body().into_reader();
        let mut bytes = Vec::new();
        let mut step = vec![0; STEP];
        loop {
            cancel.check()?;
            if Instant::now() > until {
                return Err(HubError::Timeout { host: host(url) });
            }
            let left = most.saturating_sub(bytes.len() as u64);
            if left == 0 && cut {
                return Ok(bytes);
            }
            let read = match reader.read(&mut step) {
                Ok(read) => read,
                Err(error) if error.kind() == std::io::ErrorKind::TimedOut => {
                    return Err(HubError::Timeout { host: host(url) });
                }
                Err(error) => {
                    let error = error.downcast::<ureq::Error>().map_err(|error| of_system(&error));
                    return Err(match error {
                        Ok(error) => self.transport(url, error),
                        Err(reason) => HubError::Offline { host: host(url), reason },
                    });
                }
            };
            if read == 0 {
                let missing = stated.is_some_and(|stated| (bytes.len() as u64) < stated.min(most));
                if missing && !cut {
                    let reason = tr!("the connection ended before the answer").to_owned();
                    return Err(HubError::Offline { host: host(url), reason });
                }
                return Ok(bytes);
            }
            let take = if cut { (read as u64).min(left) as usize } else { read };
            bytes.extend(&step[..take]);
            if bytes.len() as u64 > most {
                return Err(malformed(url, &tr!("it has more than {longest} bytes", longest = most)));
            }
        }
    }

    #[expect(clippy::unused_self, reason = "reads as what this hub's connection did")]
    fn transport(&self, url: &str, error: ureq::Error) -> HubError {
        let host = host(url);
        match error {
            ureq::Error::Timeout(_) => HubError::Timeout { host },
            ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::TimedOut => {
                HubError::Timeout { host }
            }
            ureq::Error::Protocol(_) | ureq::Error::Http(_) | ureq::Error::LargeResponseHeader(..) => {
                HubError::Malformed { host, reason: error.to_string() }
            }
            ureq::Error::BadUri(_) => {
                HubError::Malformed { host, reason: tr!("its address is no URL").to_owned() }
            }
            other => HubError::Offline { host, reason: offline(&other) },
        }
    }
}

/// Why there is no connection, as the library says it.
fn offline(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Io(error) => tr!("io: {error}", error = of_system(error)),
        ureq::Error::HostNotFound => tr!("host not found").to_owned(),
        ureq::Error::ConnectionFailed => tr!("connection failed").to_owned(),
        other => other.to_string(),
    }
}

fn header(response: &Response<ureq::Body>, name: &str) -> Option<String> {
    response.headers().get(name)?.to_str().ok().map(str::to_owned)
}

pub(super) fn malformed(url: &str, reason: &str) -> HubError {
    HubError::Malformed { host: host(url), reason: reason.to_owned() }
}

/// `https://huggingface.co` of a longer address.
fn origin(url: &str) -> &str {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url[start..].find(['/', '?', '#']).map_or(url.len(), |at| start + at);
    &url[..end]
}

fn host(url: &str) -> String {
    let origin = origin(url);
    origin.split_once("://").map_or(origin, |(_, host)| host).to_owned()
}

/// Where a redirection leads.
fn joined(from: &str, target: &str) -> Option<String> {
    if target.starts_with("https://") || (target.starts_with("http://") && from.starts_with("http://")) {
        Some(target.to_owned())
    } else if target.starts_with('/') && !target.starts_with("//") {
        Some(format!("{}{target}", origin(from)))
    } else {
        // Neither to another scheme, nor from a secure address to another.
        None
    }
}

/// Start and total of `bytes 0-99/1234`.
fn content_range(text: &str) -> Option<(u64, u64)> {
    let (range, total) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (start, _) = range.split_once('-')?;
    Some((start.trim().parse().ok()?, total.trim().parse().ok()?))
}

fn sleep(time: Duration, cancel: &Cancel) -> Result<(), HubError> {
    const LOOK: Duration = Duration::from_millis(20);
    let until = Instant::now() + time;
    loop {
        cancel.check()?;
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        std::thread::sleep(left.min(LOOK));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        assert_eq!(origin("https://a.b/c?d"), "https://a.b");
        assert_eq!(host("http://127.0.0.1:80/x"), "127.0.0.1:80");
        assert_eq!(joined("https://a.b/c", "/d").as_deref(), Some("https://a.b/d"));
        assert_eq!(joined("https://a.b/c", "https://e.f/g").as_deref(), Some("https://e.f/g"));
        assert_eq!(joined("https://a.b/c", "http://e.f/g"), None, "never from a secure address to another");
        assert_eq!(joined("https://a.b/c", "file:///etc/passwd"), None);
        assert_eq!(joined("https://a.b/c", "//e.f/g"), None);
    }

    #[test]
    fn ranges_are_read() {
        assert_eq!(content_range("bytes 0-99/1234"), Some((0, 1234)));
        assert_eq!(content_range("bytes 5-9/*"), None);
        assert_eq!(content_range("items 0-1/2"), None);
    }
}
