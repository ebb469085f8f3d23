//! The program: a window, or one of the text forms.

use std::process::ExitCode;
#[cfg(feature = "window")]
use std::time::Instant;

use clap::Parser as _;
use plimsoll::app::own::store::kept_memory;
use plimsoll::cli::{
    self,
    args::{Cli, Command},
};
use plimsoll::machine::Machine;
use plimsoll::machine::probe::{probe_now, recording};
#[cfg(feature = "window")]
use plimsoll::ui;

fn main() -> ExitCode {
    #[cfg(feature = "window")]
    let started = Instant::now();
    let cli = Cli::parse();
    let (recorded, shared) = match cli.command {
        Some(Command::Open(args)) => (args.recorded, Some(Box::new(args.shared))),
        Some(command) => return cli::run(&command, this_machine),
        None => (cli.recorded, None),
    };
    let machine = match recorded.as_deref().map(recording::read).transpose() {
        Ok(machine) => machine,
        Err(error) => {
            eprintln!("plimsoll: the recorded machine cannot be opened: {error}");
            return ExitCode::from(2);
        }
    };
    #[cfg(feature = "window")]
    let why = {
        let (machine, files, shared) = (machine.clone(), cli.files.clone(), shared.clone());
        match window(&ui::Options { started, machine, frame_times: cli.frame_times, files, shared }) {
            Ok(()) => return ExitCode::SUCCESS,
            Err(why) => why,
        }
    };
    #[cfg(not(feature = "window"))]
    let why = "this build has no window".to_owned();
    let machine = machine.unwrap_or_else(this_machine);
    cli::report_instead_of_window(&machine, &cli.files, shared.as_deref(), &why)
}

/// Opens the window, or says why that is not possible.
#[cfg(feature = "window")]
fn window(options: &ui::Options) -> Result<(), String> {
    if !has_display() {
        return Err("no window could be opened: neither DISPLAY nor WAYLAND_DISPLAY is set".to_owned());
    }
    ui::run(options).map_err(|error| error.to_string())
}

/// Reads this machine, with the bandwidth of its memory if it was measured.
fn this_machine() -> Machine {
    probe_now(kept_memory())
}

/// Whether there is a display to ask: the window system would answer the same, but later and in its words.
#[cfg(feature = "window")]
fn has_display() -> bool {
    let names = ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"];
    let asks_for_one = cfg!(all(unix, not(target_os = "macos")));
    !asks_for_one || names.iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}
