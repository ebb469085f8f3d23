//! What can go wrong between this computer and the hub.

use std::time::Duration;

use thiserror::Error;

use crate::files::Fault;

/// Why the hub gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HubError {
    /// The text names no repository.
    #[error("{0:?} names no repository; paste owner/name, or a link to one")]
    Name(String),
    /// The text is no address.
    #[error("{0:?} is no address; it begins with https://")]
    Address(String),
    /// The person does not want the network.
    #[error(
        "the network is switched off (HF_HUB_OFFLINE is set); files on this computer can still be opened"
    )]
    SwitchedOff,
    /// No connection.
    #[error("{host} cannot be reached ({reason}); files on this computer can still be opened")]
    Offline {
        /// Whom it was asked of.
        host: String,
        /// What the system says.
        reason: String,
    },
    /// It took too long.
    #[error("{host} did not answer in time; try again, or name a mirror (HF_ENDPOINT)")]
    Timeout {
        /// Whom it was asked of.
        host: String,
    },
    /// The person stopped it.
    #[error("stopped")]
    Cancelled,
    /// There is no such thing, or it is private.
    #[error("{0} is not there, or is private: a token (HF_TOKEN) may be needed")]
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
    #[error("the hub limits how often it may be asked; try again in {} seconds", .wait.as_secs().max(1))]
    RateLimited {
        /// How long it asks to wait.
        wait: Duration,
    },
    /// Another status.
    #[error("{host} answered with status {status}")]
    Status {
        /// Who.
        host: String,
        /// HTTP status.
        status: u16,
    },
    /// The answer makes no sense.
    #[error("{host} gave an answer that cannot be used: {reason}")]
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
    let accept = format!("accept the terms of {repository} on its page");
    if has_token {
        format!("the token gives no access to {repository}: {accept} with the account that the token is of")
    } else {
        format!("{accept}, then set HF_TOKEN or run `hf auth login`")
    }
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
