//! The program: a window, or one of the text forms.

use std::process::ExitCode;

use clap::Parser as _;
use plimsoll::cli::{self, args::Cli};
use plimsoll::machine::probe::probe_now;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match &cli.command {
        Some(command) => cli::run(command, probe_now),
        None => window(),
    }
}

/// Where no window can be opened, prints what it would show.
fn window() -> ExitCode {
    let why = if has_display() {
        "no window could be opened"
    } else {
        "no window could be opened: neither DISPLAY nor WAYLAND_DISPLAY is set"
    };
    cli::report_instead_of_window(probe_now, why)
}

/// Whether there is a display to ask: the window system would answer the same, but later and in its words.
fn has_display() -> bool {
    let names = ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"];
    let asks_for_one = cfg!(all(unix, not(target_os = "macos")));
    !asks_for_one || names.iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}
