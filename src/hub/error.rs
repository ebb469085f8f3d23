//! What can go wrong between this computer and the hub.

use std::time::Duration;

use thiserror::Error;

use crate::files::Fault;
use crate::language::tr;

/// Why the hub gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HubError {
    /// The text names no repository.
    #[error("{}", no_name(.0))]
    Name(String),
    /// The text is no address.
    #[error("{}", no_address(.0))]
    Address(String),
    /// The person does not want the network.
    #[error(
        "{}",
        tr!("the network is switched off (HF_HUB_OFFLINE is set); files on this computer can still be opened")
    )]
    SwitchedOff,
    /// No connection.
    #[error(
        "{}",
        tr!("{host} cannot be reached ({reason}); files on this computer can still be opened", host, reason)
    )]
    Offline {
        /// Whom it was asked of.
        host: String,
        /// What the system says.
        reason: String,
    },
    /// It took too long.
    #[error("{}", tr!("{host} did not answer in time; try again, or name a mirror (HF_ENDPOINT)", host))]
    Timeout {
        /// Whom it was asked of.
        host: String,
    },
    /// The person stopped it.
    #[error("{}", tr!("stopped"))]
    Cancelled,
    /// There is no such thing, or it is private.
    #[error("{}", not_found(.0))]
    NotFound(String),
    /// Terms must be accepted first.
    #[error("{}", gated(.repository, *.has_token))]
    Gated {
        /// Whose.
        repository: String,
        /// A token was sent.
        has_token: bool,
    },
    /// Too many requests.
    #[error(
        "{}",
        tr!("the hub limits how often it may be asked; try again in {seconds} seconds", seconds = wait.as_secs().max(1))
    )]
    RateLimited {
        /// How long it asks to wait.
        wait: Duration,
    },
    /// Another status.
    #[error("{}", tr!("{host} answered with status {status}", host, status))]
    Status {
        /// Who.
        host: String,
        /// HTTP status.
        status: u16,
    },
    /// The answer makes no sense.
    #[error("{}", tr!("{host} gave an answer that cannot be used: {reason}", host, reason))]
    Malformed {
        /// Who.
        host: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The file is no model.
    #[error("{file}: {fault}")]
    File {
        /// Its name in the repository.
        file: String,
        /// What is wrong with it.
        fault: Fault,
    },
}

fn gated(repository: &str, has_token: bool) -> String {
    if has_token {
        tr!(
            "the token gives no access to {repository}: accept the terms of {repository} on its page with the \
             account that the token is of",
            repository
        )
    } else {
        tr!(
            "accept the terms of {repository} on its page, then set HF_TOKEN or run `hf auth login`",
            repository
        )
    }
}

fn no_name(text: &str) -> String {
    tr!("{text} names no repository; paste owner/name, or a link to one", text = format!("{text:?}"))
}

fn no_address(text: &str) -> String {
    tr!("{text} is no address; it begins with https://", text = format!("{text:?}"))
}

fn not_found(what: &str) -> String {
    tr!("{what} is not there, or is private: a token (HF_TOKEN) may be needed", what)
}

impl HubError {
    /// Whether the same question may well be answered the next time.
    pub(super) fn passes(&self) -> bool {
        match self {
            Self::Offline { .. } | Self::Timeout { .. } | Self::RateLimited { .. } => true,
            Self::Status { status, .. } => *status >= 500,
            _ => false,
        }
    }
}
