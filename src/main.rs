//! The program: a window, or one of the text forms.

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser as _;
use plimsoll::app::own::store::kept_memory;
use plimsoll::cli::{
    self,
    args::{Cli, Command},
};
use plimsoll::machine::Machine;
use plimsoll::machine::probe::{probe_now, recording};
use plimsoll::ui;

fn main() -> ExitCode {
    let started = Instant::now();
    let cli = Cli::parse();
    let (recorded, shared) = match cli.command {
        Some(Command::Open(args)) => (args.recorded, Some(Box::new(args.shared))),
        Some(command) => return cli::run(&command, this_machine),
        None => (cli.recorded, None),
    };
    match recorded.as_deref().map(recording::read).transpose() {
        Ok(machine) => {
            let (frame_times, files) = (cli.frame_times, cli.files);
            window(&ui::Options { started, machine, frame_times, files, shared })
        }
        Err(error) => {
            eprintln!("plimsoll: the recorded machine cannot be opened: {error}");
            ExitCode::from(2)
        }
    }
}

/// Opens the window; where that is not possible, prints what it would show.
fn window(options: &ui::Options) -> ExitCode {
    let why = if has_display() {
        match ui::run(options) {
            Ok(()) => return ExitCode::SUCCESS,
            Err(error) => error.to_string(),
        }
    } else {
        "no window could be opened: neither DISPLAY nor WAYLAND_DISPLAY is set".to_owned()
    };
    let machine = options.machine.clone().unwrap_or_else(this_machine);
    cli::report_instead_of_window(&machine, &options.files, options.shared.as_deref(), &why)
}

/// Reads this machine, with the bandwidth of its memory if it was measured.
fn this_machine() -> Machine {
    probe_now(kept_memory())
}

/// Whether there is a display to ask: the window system would answer the same, but later and in its words.
fn has_display() -> bool {
    let names = ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"];
    let asks_for_one = cfg!(all(unix, not(target_os = "macos")));
    !asks_for_one || names.iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}
