//! The text forms: `plimsoll estimate`, `plimsoll report`, `plimsoll open`, `plimsoll machine`, `plimsoll installed`,
//! `plimsoll hub`, `plimsoll measure`, `plimsoll work`, `plimsoll deploy`.

pub mod answer;
pub mod args;
pub mod deploy;
pub mod error;
pub mod lines;
pub mod measure;
mod models;
pub mod query;
pub mod schema;
pub mod session;
pub mod work;

use std::io::{self, IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use args::{Command, EstimateArgs, HubArgs, InstalledArgs, MachineArgs, MeasureArgs, OpenArgs, ReportArgs};
use session::{Session, StreamError};

use crate::app::machine_text::{self, MachineAnswer};
use crate::app::own::{self, store::kept_memory};
use crate::app::report::{self, On, Selection};
use crate::app::share::Shared;
use crate::app::work::output;
use crate::app::{Settings, files, installed, rigs};
use crate::estimate::{Estimator, Rig, Scenario};
use crate::files::installed::Environment;
use crate::machine::Machine;
use crate::machine::probe::findings_now;
use crate::machine::probe::recording;
use crate::model::catalog::Catalog;

/// Some query was answered by an error.
const SOME_ERRORS: u8 = 1;
/// Nothing was done: wrong options, unreadable input, unwritable output.
const FAILED: u8 = 2;

/// What to do where no window opens.
#[cfg(all(unix, not(target_os = "macos")))]
const WINDOW_NEEDS: &str = "The window needs an X11 or Wayland display and OpenGL; on a minimal Debian or \
    Ubuntu: apt install libgl1 libgl1-mesa-dri libegl1 libx11-6 libx11-xcb1 libxcursor1 libxi6 \
    libxkbcommon-x11-0";
/// What to do where no window opens.
#[cfg(not(all(unix, not(target_os = "macos"))))]
const WINDOW_NEEDS: &str = "The window needs a desktop session and a graphics driver with OpenGL 2 or later";

/// Reads this machine.
pub type Probe = fn() -> Machine;

/// Does what a command says, and returns what the shell is told. `probe` is called at most once, and only
/// where this machine is asked for.
pub fn run(command: &Command, probe: Probe) -> ExitCode {
    let done = match command {
        Command::Open(args) => print_shared(args, probe),
        Command::Estimate(args) => estimate(args, probe),
        Command::Report(args) => print_report(args, probe),
        Command::Machine(args) => print_machine(args, probe),
        Command::Installed(args) => print_installed(args, probe),
        Command::Hub(args) => ask_hub(args, probe),
        Command::Measure(args) => measure_memory(args, probe),
        Command::Work(args) => print_work(args, probe),
        Command::Deploy(args) => print_deployment(args, probe),
    };
    done.unwrap_or_else(Failure::exit)
}

/// Prints the report on a machine, and in one line on standard error why it is not a window.
///
/// Where files were to be opened in the window, a line for each is printed in place of the report.
pub fn report_instead_of_window(
    machine: &Machine,
    files: &[PathBuf],
    shared: Option<&Shared>,
    why: &str,
) -> ExitCode {
    let (rig, scenario) = (Rig::from(machine), Settings::default().scenario());
    let (text, is_all) = if let Some(shared) = shared {
        match shared_report(shared, || Ok(machine.clone())) {
            Ok(text) => (text, true),
            Err(failure) => return failure.exit(),
        }
    } else if files.is_empty() {
        let on = On { machine, rig: &rig, assumed: &[] };
        (report::text(&build(on, &scenario, &Selection::default())), true)
    } else {
        models::opened(files, &scenario, &rig)
    };
    let printed = print(&text);
    writeln!(io::stderr(), "plimsoll: {}. {WINDOW_NEEDS}", in_one_line(why)).ok();
    printed.map_or_else(Failure::exit, |()| ExitCode::from(if is_all { 0 } else { SOME_ERRORS }))
}

/// What the window system said, without line breaks and without the places in its source.
fn in_one_line(why: &str) -> String {
    const PLACE: &str = "os error at ";
    let mut line = why.replace(['\n', '\r'], " ");
    while let Some(start) = line.find(PLACE) {
        let end = line[start..].find(": ").map_or(start + PLACE.len(), |length| start + length + 2);
        line.replace_range(start..end, "");
    }
    line
}

/// Why a command did not do its work.
#[derive(Debug)]
enum Failure {
    /// What to tell.
    Message(String),
    /// Nobody listens any more (`| head`), which is no error.
    Quiet,
}

impl Failure {
    fn writing(error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::Quiet
        } else {
            Self::Message(format!("the output cannot be written: {error}"))
        }
    }

    fn exit(self) -> ExitCode {
        match self {
            Self::Quiet => ExitCode::SUCCESS,
            Self::Message(message) => {
                // Where not even this can be written, the status says it.
                writeln!(io::stderr(), "plimsoll: {message}").ok();
                ExitCode::from(FAILED)
            }
        }
    }
}

fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| Failure::writing(&error))
}

fn print_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    let mut text = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::Message(format!("the output cannot be written: {error}")))?;
    text.push('\n');
    print(&text)
}

fn estimate(args: &EstimateArgs, probe: Probe) -> Result<ExitCode, Failure> {
    if args.schema {
        return print_json(&schema::schema()).map(|()| ExitCode::SUCCESS);
    }
    let session = Session::new(&probe).with_own(files::folder());
    if let Some(query) = args.query() {
        let line = session.value(&query);
        let mut text = serde_json::to_string(&line)
            .map_err(|error| Failure::Message(format!("the output cannot be written: {error}")))?;
        text.push('\n');
        print(&text)?;
        return Ok(ExitCode::from(if line.is_ok() { 0 } else { SOME_ERRORS }));
    }
    if args.machine != args::OtherMachine::default() {
        return Err(Failure::Message("--gpu, --ram, --cpu and --os need --model".to_owned()));
    }
    let stdin = io::stdin();
    if stdin.is_terminal() {
        writeln!(io::stderr(), "Reading queries, one JSON object a line; end with Ctrl+D. See --help.").ok();
    }
    // Locked for the whole stream; the session collects its output in blocks.
    match session.stream(stdin.lock(), &mut io::stdout().lock()) {
        Ok(outcome) => Ok(ExitCode::from(if outcome.errors == 0 { 0 } else { SOME_ERRORS })),
        Err(StreamError::Write(error)) => Err(Failure::writing(&error)),
        Err(error @ StreamError::Read(_)) => Err(Failure::Message(error.to_string())),
    }
}

fn print_report(args: &ReportArgs, probe: Probe) -> Result<ExitCode, Failure> {
    let (machine, rig, assumed) = machine_of(&args.machine, probe)?;
    let asked = Settings { context: args.context, cache: args.cache, ..Settings::default() };
    let scenario = asked.scenario();
    let selection = Selection {
        level: args.quant,
        search: args.search.clone(),
        all: args.all,
        limit: args.limit,
        terms: args.terms(),
    };
    let on = On { machine: &machine, rig: &rig, assumed: &assumed };
    let report = build(on, &scenario, &selection);
    if args.json {
        print_json(&report)?;
    } else if args.csv {
        print(&report::csv(&report))?;
    } else if args.markdown {
        print(&report::markdown(&report))?;
    } else {
        print(&report::text(&report))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn build(on: On<'_>, scenario: &Scenario, selection: &Selection) -> report::Report {
    report::build(Catalog::embedded_shared(), Estimator::embedded(), on, scenario, selection)
}

/// Prints what a share code is about, where no window is to show it.
fn print_shared(args: &OpenArgs, probe: Probe) -> Result<ExitCode, Failure> {
    let machine = || args.recorded.as_deref().map_or_else(|| Ok(probe()), recorded);
    shared_report(&args.shared, machine).and_then(|text| print(&text)).map(|()| ExitCode::SUCCESS)
}

/// The report on the scenario of a share code: for the machine that it carries, else for `machine`.
fn shared_report(
    shared: &Shared,
    machine: impl FnOnce() -> Result<Machine, Failure>,
) -> Result<String, Failure> {
    let (machine, rig, assumed) = if let Some(rig) = &shared.rig {
        let resolved = rigs::resolve(&rig.machine).map_err(|error| Failure::Message(error.to_string()))?;
        (resolved.machine, resolved.rig, resolved.warnings)
    } else {
        let machine = machine()?;
        let rig = Rig::from(&machine);
        (machine, rig, Vec::new())
    };
    let scenario = shared.over(&Settings::default()).scenario();
    let search = shared.view.search.clone();
    let selection = Selection { level: Some(shared.level), search, ..Selection::default() };
    Ok(report::text(&build(On { machine: &machine, rig: &rig, assumed: &assumed }, &scenario, &selection)))
}

/// The machine that the options describe, or this one, and what had to be assumed.
fn machine_of(other: &args::OtherMachine, probe: Probe) -> Result<(Machine, Rig, Vec<String>), Failure> {
    let whole = |machine: Machine| {
        let rig = Rig::from(&machine);
        Ok((machine, rig, Vec::new()))
    };
    if let Some(path) = &other.recorded {
        return whole(recorded(path)?);
    }
    match other.query() {
        None => {
            let (machine, mut rig, assumed) = whole(probe())?;
            rig.own = own::corrections(files::folder().as_deref(), &machine, &rig);
            Ok((machine, rig, assumed))
        }
        Some(value) => query::described(&value)
            .and_then(|spec| Ok(rigs::resolve(&spec)?))
            .map(|rigs::Resolved { machine, rig, warnings }| (machine, rig, warnings))
            .map_err(|error| Failure::Message(error.message)),
    }
}

fn print_machine(args: &MachineArgs, probe: Probe) -> Result<ExitCode, Failure> {
    if let Some(path) = &args.record {
        return record(path).map(|()| ExitCode::SUCCESS);
    }
    let machine = match &args.recorded {
        Some(path) => recorded(path)?,
        None => probe(),
    };
    if args.json {
        print_json(&MachineAnswer::of(&machine))?;
    } else {
        print(&machine_text::readable(&machine))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn print_work(args: &work::WorkArgs, probe: Probe) -> Result<ExitCode, Failure> {
    if args.list {
        return print(&work::list()).map(|()| ExitCode::SUCCESS);
    }
    let (_, rig, _) = machine_of(&args.machine, probe)?;
    let (page, numbers) = work::answer(args, rig).map_err(Failure::Message)?;
    if args.json {
        print_json(&numbers)?;
    } else {
        print(&output::text(&page))?;
    }
    Ok(ExitCode::from(if page.problem.is_none() { 0 } else { SOME_ERRORS }))
}

fn print_installed(args: &InstalledArgs, probe: Probe) -> Result<ExitCode, Failure> {
    let (_, rig, _) = machine_of(&args.machine, probe)?;
    let environment = if args.only { Environment::default() } else { Environment::of_process() };
    let mut scenario = Scenario::default();
    scenario.context = args.context.unwrap_or(scenario.context);
    let shelf = installed::look(&environment, &args.folders, &scenario, &rig);
    if args.json {
        print_json(&shelf)?;
    } else {
        print(&installed::text(&shelf))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn ask_hub(args: &HubArgs, probe: Probe) -> Result<ExitCode, Failure> {
    let (_, rig, _) = machine_of(&args.machine, probe)?;
    let mut scenario = Scenario::default();
    scenario.context = args.context.unwrap_or(scenario.context);
    let text = models::hub(args, &scenario, &rig).map_err(|error| Failure::Message(error.to_string()))?;
    print(&text).map(|()| ExitCode::SUCCESS)
}

fn print_deployment(args: &deploy::DeployArgs, probe: Probe) -> Result<ExitCode, Failure> {
    let (_, rig, _) = machine_of(&args.machine, probe)?;
    let answer = deploy::deploy(args, &rig).map_err(Failure::Message)?;
    if args.json {
        print_json(&answer)?;
    } else {
        print(&deploy::readable(&answer, args.out.as_deref()))?;
    }
    Ok(ExitCode::from(if answer.offers.is_empty() { SOME_ERRORS } else { 0 }))
}

fn measure_memory(args: &MeasureArgs, probe: Probe) -> Result<ExitCode, Failure> {
    let folder = measure::folder().map_err(Failure::Message)?;
    if args.forget {
        let said = measure::forget(&folder).map_err(Failure::Message)?;
        return print(&format!("{said}.\n")).map(|()| ExitCode::SUCCESS);
    }
    let answer = measure::measure(&folder, probe).map_err(Failure::Message)?;
    if args.json {
        print_json(&answer)?;
    } else {
        print(&measure::readable(&answer))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes what the parts of the probe say of this machine.
fn record(path: &Path) -> Result<(), Failure> {
    recording::write(path, &findings_now(kept_memory()), &recording::Private::of_this())
        .map_err(|error| Failure::Message(format!("{} cannot be written: {error}", path.display())))?;
    let path = path.display();
    print(&format!(
        "Recorded in {path}, without serial numbers and without names of people and computers.\n\
         Open it with: plimsoll --recorded {path}\n"
    ))
}

/// The machine that a file describes.
fn recorded(path: &Path) -> Result<Machine, Failure> {
    recording::read(path)
        .map_err(|error| Failure::Message(format!("{} cannot be read: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_the_source_of_the_window_system_are_left_out() {
        let why = "glow: EventLoopError: os error at /home/x/winit-0.30/src/mod.rs:788: no connection\nto X";
        assert_eq!(in_one_line(why), "glow: EventLoopError: no connection to X");
        assert_eq!(in_one_line("os error at "), "");
        assert_eq!(in_one_line("no display"), "no display");
    }
}
