//! The programs that hold the most main memory.

use std::collections::BTreeMap;

use sysinfo::{ProcessRefreshKind, ProcessesToUpdate};

use super::findings::Program;
use super::part::{Answer, Part, Probe};
use crate::units::Bytes;

/// How many are listed.
const MOST: usize = 12;
/// A program that holds less is not worth a line.
const LEAST: Bytes = Bytes(32 << 20);

/// Reads the programs.
#[derive(Debug)]
pub(super) struct Reader;

impl Probe for Reader {
    fn part(&self) -> Part {
        Part::Programs
    }

    fn read(self: Box<Self>) -> Result<Answer, String> {
        let mut system =
            sysinfo::System::new().map_err(|error| format!("the system lists no programs: {error}"))?;
        let what = ProcessRefreshKind::nothing().with_memory().without_tasks();
        system.refresh_processes_specifics(ProcessesToUpdate::All, true, what);
        let each = system.processes().values().map(|process| Program {
            name: file_name(&process.name().to_string_lossy()),
            memory: Some(Bytes(process.memory())),
            processes: 1,
        });
        Ok(Answer::Programs(by_name(each.filter(|program| program.memory > Some(Bytes::ZERO)))))
    }
}

/// A program's file name: without its folder, which may name a person, and without arguments.
pub(super) fn file_name(command: &str) -> String {
    // "/usr/bin/python3 serve.py", "C:\Program Files\App\app.exe --flag"
    let path = match command.to_ascii_lowercase().find(".exe") {
        Some(end) => &command[..end + 4],
        None if command.starts_with('/') => command.split(' ').next().unwrap_or_default(),
        None => command,
    };
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    let name: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
    if name.is_empty() { "unnamed".to_owned() } else { name }
}

/// Programs of one name in one line, the largest first; small ones are left out.
pub(super) fn by_name(programs: impl Iterator<Item = Program>) -> Vec<Program> {
    let mut sums: BTreeMap<String, Program> = BTreeMap::new();
    for program in programs {
        let sum = sums.entry(program.name.clone()).or_insert_with(|| Program {
            memory: None,
            processes: 0,
            ..program.clone()
        });
        sum.processes += program.processes;
        sum.memory = match (sum.memory, program.memory) {
            (Some(a), Some(b)) => Some(Bytes(a.0.saturating_add(b.0))),
            (a, b) => a.or(b),
        };
    }
    let mut programs: Vec<Program> =
        sums.into_values().filter(|program| program.memory.is_none_or(|memory| memory >= LEAST)).collect();
    programs.sort_by(|a, b| b.memory.cmp(&a.memory).then_with(|| a.name.cmp(&b.name)));
    programs.truncate(MOST);
    programs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_s_name_without_folder_and_arguments() {
        for (command, name) in [
            ("/home/alice/llama.cpp/build/bin/llama-server -m /home/alice/x.gguf", "llama-server"),
            ("C:\\Users\\Alice Doe\\App\\ollama.exe serve", "ollama.exe"),
            ("python3", "python3"),
            ("Web Content", "Web Content"),
            ("", "unnamed"),
            ("/", "unnamed"),
            ("a\nb", "ab"),
        ] {
            assert_eq!(file_name(command), name, "{command}");
        }
    }

    #[test]
    fn programs_of_one_name_are_one_line() {
        let program = |name: &str, mib: Option<u64>| Program {
            name: name.to_owned(),
            memory: mib.map(|mib| Bytes(mib << 20)),
            processes: 1,
        };
        let listed = by_name(
            [
                program("browser", Some(100)),
                program("server", Some(900)),
                program("browser", Some(200)),
                program("small", Some(1)),
                program("unsaid", None),
            ]
            .into_iter(),
        );
        let lines: Vec<_> = listed
            .iter()
            .map(|program| {
                (program.name.as_str(), program.memory.map(|memory| memory.0 >> 20), program.processes)
            })
            .collect();
        assert_eq!(lines, [("server", Some(900), 1), ("browser", Some(300), 2), ("unsaid", None, 1)]);
        assert_eq!(by_name((0..50).map(|n| program(&n.to_string(), Some(100)))).len(), MOST);
    }

    #[test]
    fn this_process_is_among_those_of_this_computer() {
        let Ok(Answer::Programs(programs)) = Box::new(Reader).read() else { panic!("no programs") };
        assert!(programs.len() <= MOST);
        assert!(programs.iter().all(|program| program.memory >= Some(LEAST)), "{programs:?}");
    }
}
