//! What the threads of own measurements send, and what follows from it.

use crate::estimate::measured::Measurement;
use crate::machine::Machine;

use super::import::Import;
use super::kept::{Kept, Matched};
use super::worker::Message;
use super::{Outcome, Own, store};

/// What the window must do after [`Own::poll`].
#[derive(Debug, Default)]
pub struct Polled {
    /// Rows have changed.
    pub rows: bool,
    /// What they say of other speeds is worked out.
    pub corrections: bool,
    /// The machine was read anew.
    pub machine: Option<Box<Machine>>,
}

impl Own {
    /// Takes what the threads have sent. Answers with what the window must do of it.
    pub fn poll(&mut self, machine: Option<&Machine>) -> Polled {
        let mut polled = Polled::default();
        while let Ok(message) = self.inbox.try_recv() {
            match message {
                Message::Loaded(loaded) => {
                    self.given_bench = loaded.llama_bench;
                    self.notice = loaded.notice.or(self.notice.take());
                    // What was brought meanwhile stays behind what was kept.
                    let new = std::mem::take(&mut self.rows);
                    for kept in loaded.rows {
                        self.push(kept.row, kept.matched);
                    }
                    for kept in new {
                        self.push(kept.row, kept.matched);
                    }
                    polled.rows = true;
                }
                Message::Imported(import, rows) => {
                    let added = self.add(rows, machine);
                    self.import = Some(Import { added, ..*import });
                    polled.rows = true;
                }
                Message::Progress(share) => {
                    if let Some(running) = &mut self.running {
                        running.share = share;
                    }
                }
                Message::Measured(result) => {
                    self.running = None;
                    self.outcome = Some(match result {
                        Ok(rows) => {
                            polled.rows = true;
                            // It ran on this computer, which a recorded machine is not.
                            let here = machine.filter(|_| self.reprobe.is_some());
                            Outcome::Measured(self.add(rows, here))
                        }
                        Err(reason) => Outcome::Failed(reason),
                    });
                }
                Message::Bench(found) => self.form.llama_bench = found,
                Message::FileSize(path, size) if self.form.file.as_ref() == Some(&path) => {
                    self.form.file_size = size;
                }
                Message::FileSize(..) => {}
                Message::Installed(models) => {
                    self.form.installed = Some(models);
                    self.form.chosen = 0;
                }
                Message::Candidates(id, candidates) => {
                    if let Some(kept) = self.rows.iter_mut().find(|kept| kept.id == id) {
                        kept.matched = Matched::Among(candidates);
                    }
                }
                Message::Saved(error) => self.notice = error.or(self.notice.take()),
                Message::Corrections(number, found) => {
                    if number == self.corrections_asked {
                        self.corrections = found;
                        polled.corrections = true;
                    }
                }
                Message::MemoryProgress(share) => {
                    if let Some(run) = &mut self.memory_run {
                        run.share = share;
                    }
                }
                Message::Memory(result) => {
                    self.memory_run = None;
                    match result {
                        Ok((machine, words)) => {
                            self.memory_words = words;
                            polled.machine = Some(machine);
                        }
                        Err(reason) => self.memory_words = Some(reason),
                    }
                }
            }
        }
        polled
    }

    /// Adds rows that are not there yet; answers how many.
    fn add(&mut self, rows: Vec<(Measurement, Matched)>, machine: Option<&Machine>) -> usize {
        let mut added = 0;
        for (mut row, matched) in rows {
            if let Some(machine) = machine {
                row.place.complete(machine, !row.on_processor());
            }
            let is_known = self.rows.iter().any(|kept| kept.row.is_same(&row));
            if !is_known && self.rows.len() < store::ROWS_MAX {
                self.push(row, matched);
                added += 1;
            }
        }
        if added > 0 {
            self.save();
        }
        added
    }

    pub(super) fn push(&mut self, row: Measurement, matched: Matched) {
        self.rows.push(Kept { id: self.next, row, matched });
        self.next += 1;
    }
}
