//! What happens to the buffers while a graph runs: ggml's scheduler and graph allocator.
//!
//! The graph is cut where the home of its tensors changes. Each part begins with copies of what it reads from
//! elsewhere; a tensor's memory is free once its last reader has run; and some operations write into a
//! source. All of this depends on the graph's shape alone, so it is worked out once; a scenario only fills
//! in the sizes.

use super::curve::{Moments, Piece};
use super::pool::{ALIGNMENT, Length, Pool};
use super::size::{Amounts, Line, Size};
use super::tape::{Home, Id, Kind, Tape};
use super::trace::{Reach, Traced};

/// One change of a buffer.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// A tensor begins: its place among the live ones, and its size's in the list of sizes.
    Take { slot: u16, size: u16 },
    /// It ends.
    Free { slot: u16 },
}

/// Changes of one buffer in the order of a graph.
#[derive(Clone, Debug, Default)]
pub struct Program {
    events: Vec<Event>,
    sizes: Vec<Size>,
}

/// Most tensors that live in a buffer at once.
const SLOTS: usize = 256;
/// Most different sizes of a graph's tensors.
const SIZES: usize = 256;
/// Layouts are followed up to this step of the context at least.
const HORIZON: u32 = 8192;

impl Program {
    /// Bytes of the buffer.
    pub fn peak(&self, amounts: &Amounts) -> u64 {
        let mut lengths = [0_u64; SIZES];
        for (length, size) in lengths.iter_mut().zip(&self.sizes) {
            *length = size.bytes(amounts).next_multiple_of(ALIGNMENT);
        }
        let mut peak = 0;
        self.replay(&lengths, (), |end| peak = peak.max(end));
        peak
    }

    /// Bytes of the buffer around `step` of `line`, as a function of what it is lent.
    pub fn piece(&self, line: &Line, step: u32) -> Piece {
        let amounts = line.at(step);
        let mut lengths = [Traced::default(); SIZES];
        let reach = self.trace(&mut lengths, line, step).unwrap_or_else(|| {
            for (length, size) in lengths.iter_mut().zip(&self.sizes) {
                *length = Traced::fixed(size, &amounts);
            }
            Reach::NONE
        });
        let mut moments = Moments::default();
        let reach = self.replay(&lengths, reach, |end| moments.add(end));
        moments.piece(step, reach, &amounts)
    }

    /// Fills in lengths that are followed; `None` where they are too large for that.
    fn trace(&self, lengths: &mut [Traced; SIZES], line: &Line, step: u32) -> Option<Reach> {
        let last = step.saturating_mul(2).max(HORIZON);
        for (length, size) in lengths.iter_mut().zip(&self.sizes) {
            *length = Traced::new(size, line, step, last)?;
        }
        Some(Reach { below: i64::from(step.saturating_sub(1)), above: i64::from(last - step) })
    }

    /// Lays the graph out with tensors of these lengths; `see` gets each tensor's end.
    fn replay<L: Length>(&self, lengths: &[L; SIZES], terms: L::Terms, mut see: impl FnMut(L)) -> L::Terms {
        let mut live = [(L::default(), L::default()); SLOTS];
        let mut pool = Pool::new(terms);
        for event in &self.events {
            match *event {
                Event::Take { slot, size } => {
                    let length = lengths[usize::from(size) % SIZES];
                    let start = pool.take(length);
                    live[usize::from(slot) % SLOTS] = (start, length);
                    see(start + length);
                }
                Event::Free { slot } => {
                    let (start, length) = live[usize::from(slot) % SLOTS];
                    pool.give_back(start, length);
                }
            }
        }
        pool.terms
    }
}

/// Programs of a graph's buffers.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// Main memory.
    pub host: Program,
    /// The devices in the order of the pipeline.
    pub devices: Vec<Program>,
}

impl Schedule {
    /// The schedule of `tape` on `devices` devices, with `copies` copies of what goes from one home to
    /// another (four in a pipeline).
    pub fn new(tape: Tape, devices: usize, copies: usize) -> Self {
        let mut writer = Writer::new(tape, devices, copies);
        writer.split();
        writer.run();
        let mut programs = writer.programs.into_iter().map(|recording| recording.program);
        Self { host: programs.next().unwrap_or_default(), devices: programs.collect() }
    }
}

/// A step of the scheduled graph.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// A tensor is computed, or a copy begins.
    Compute(Id),
    /// A tensor is copied to another home: one of its readers has run.
    CopiedFrom(Id),
}

/// What is known of a tensor while the graph is walked.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    readers: u32,
    views: u32,
    /// Place among the live tensors of its home.
    slot: Option<u16>,
    started: bool,
}

/// A program being written.
#[derive(Debug, Default)]
struct Recording {
    program: Program,
    free_slots: Vec<u16>,
    slots: u16,
}

impl Recording {
    fn take(&mut self, size: Size) -> u16 {
        let sizes = &mut self.program.sizes;
        let size_index = sizes.iter().position(|known| *known == size).unwrap_or_else(|| {
            sizes.push(size);
            sizes.len() - 1
        });
        let slot = self.free_slots.pop().unwrap_or_else(|| {
            self.slots += 1;
            self.slots - 1
        });
        self.program.events.push(Event::Take { slot, size: size_index as u16 });
        slot
    }

    fn free(&mut self, slot: u16) {
        self.free_slots.push(slot);
        self.program.events.push(Event::Free { slot });
    }
}

struct Writer {
    tape: Tape,
    copies: usize,
    steps: Vec<Step>,
    states: Vec<State>,
    /// The host, then the devices.
    programs: Vec<Recording>,
    /// Copies made for the pipeline: they come first and stay.
    standing: Vec<Id>,
}

impl Writer {
    fn new(tape: Tape, devices: usize, copies: usize) -> Self {
        let programs = (0..=devices).map(|_| Recording::default()).collect();
        Self { tape, copies, steps: Vec::new(), states: Vec::new(), programs, standing: Vec::new() }
    }

    /// Cuts the graph into parts of one home and puts copies in front of each.
    fn split(&mut self) {
        let order = std::mem::take(&mut self.tape.order);
        let mut copied: Vec<(Id, Home, Id)> = Vec::new();
        let mut start = 0;
        while start < order.len() {
            let home = self.home_from(&order, start);
            let mut end = start;
            let mut inputs: Vec<(Id, Id)> = Vec::new();
            while end < order.len() {
                let id = order[end];
                if self.is_view(id) {
                    end += 1;
                    continue;
                }
                // A weight from elsewhere begins a new part, so that the memory of the one before is free.
                let tensor = self.tape.tensors[id.index()];
                if tensor.home != home || !inputs.is_empty() && self.needs_weight(id, home) {
                    break;
                }
                end += 1;
                for place in 0..self.tape.tensors[id.index()].sources.len() {
                    let Some(source) = self.tape.tensors[id.index()].sources[place] else { break };
                    if self.tape.tensors[source.index()].home == home {
                        continue;
                    }
                    let known = copied.iter().find(|(of, at, _)| *of == source && *at == home);
                    let copy = if let Some((_, _, copy)) = known {
                        *copy
                    } else {
                        let copy = self.tape.copy_of(source, home, self.copies > 1);
                        copied.push((source, home, copy));
                        inputs.push((source, copy));
                        copy
                    };
                    self.tape.tensors[id.index()].sources[place] = Some(copy);
                }
            }
            let part = &order[start..end];
            for (source, copy) in inputs {
                self.steps.push(Step::CopiedFrom(source));
                self.steps.push(Step::Compute(copy));
                self.standing.push(copy);
            }
            self.steps.extend(part.iter().map(|id| Step::Compute(*id)));
            start += part.len();
        }
    }

    /// Whether `id` is computed with a weight that is not where it is.
    fn needs_weight(&self, id: Id, home: Home) -> bool {
        self.tape.tensors[id.index()].sources.into_iter().flatten().any(|source| {
            let source = self.tape.tensors[source.index()];
            source.kind == Kind::Weight && source.home != home
        })
    }

    /// Home of the first tensor from `start` on that is computed.
    fn home_from(&self, order: &[Id], start: usize) -> Home {
        let first = order[start..].iter().find(|id| !self.is_view(**id)).unwrap_or(&order[start]);
        self.tape.tensors[first.index()].home
    }

    fn is_view(&self, id: Id) -> bool {
        self.tape.tensors[id.index()].kind == Kind::View
    }

    fn run(&mut self) {
        self.states = vec![State::default(); self.tape.tensors.len()];
        if self.copies > 1 {
            self.start_standing();
        }
        for step in self.steps.clone() {
            match step {
                Step::CopiedFrom(source) => {
                    self.states[source.index()].readers += 1;
                    self.start_input(source);
                }
                Step::Compute(id) => {
                    let tensor = self.tape.tensors[id.index()];
                    if let Some(of) = tensor.looks_at {
                        self.states[of.index()].views += 1;
                    }
                    for source in tensor.sources.into_iter().flatten() {
                        self.states[source.index()].readers += 1;
                        self.start_input(source);
                    }
                }
            }
        }
        for step in self.steps.clone() {
            match step {
                Step::CopiedFrom(source) => self.read(source),
                Step::Compute(id) => {
                    self.start(id);
                    for source in self.tape.tensors[id.index()].sources.into_iter().flatten() {
                        self.read(source);
                    }
                }
            }
        }
    }

    /// In a pipeline all inputs and copies come first, `copies` times, and stay.
    fn start_standing(&mut self) {
        let inputs: Vec<Id> = self
            .steps
            .iter()
            .filter_map(|step| match step {
                Step::CopiedFrom(id) => Some(*id),
                Step::Compute(_) => None,
            })
            .chain(self.host_inputs())
            .collect();
        let mut seen = Vec::new();
        for id in inputs {
            if self.tape.tensors[id.index()].kind == Kind::Input && !seen.contains(&id) {
                seen.push(id);
                self.tape.tensors[id.index()].kept = true;
            }
        }
        for id in seen.into_iter().chain(self.standing.clone()) {
            self.start(id);
            let tensor = self.tape.tensors[id.index()];
            for _ in 1..self.copies {
                self.programs[program_of(tensor.home)].take(tensor.size);
            }
        }
    }

    /// Inputs that are read where they are.
    fn host_inputs(&self) -> Vec<Id> {
        let computed = self.steps.iter().filter_map(|step| match step {
            Step::Compute(id) => Some(*id),
            Step::CopiedFrom(_) => None,
        });
        computed
            .flat_map(|id| self.tape.tensors[id.index()].sources)
            .flatten()
            .filter(|id| self.tape.tensors[id.index()].kind == Kind::Input)
            .collect()
    }

    fn start_input(&mut self, id: Id) {
        if self.tape.tensors[id.index()].kind == Kind::Input {
            self.start(id);
        }
    }

    fn start(&mut self, id: Id) {
        let tensor = self.tape.tensors[id.index()];
        if self.states[id.index()].started
            || matches!(tensor.kind, Kind::View | Kind::Sink | Kind::Weight | Kind::Cache)
        {
            return;
        }
        self.states[id.index()].started = true;
        if tensor.kind == Kind::InPlace {
            for source in tensor.sources.into_iter().flatten() {
                let of = self.tape.tensors[source.index()];
                let state = self.states[source.index()];
                let alone = state.readers == 1 && state.views == 0;
                let same = of.size == tensor.size && of.home == tensor.home;
                if of.kind != Kind::View && state.slot.is_some() && !of.kept && same && alone {
                    self.states[id.index()].slot = self.states[source.index()].slot.take();
                    return;
                }
            }
        }
        let slot = self.programs[program_of(tensor.home)].take(tensor.size);
        self.states[id.index()].slot = Some(slot);
    }

    /// A reader of `id` has run.
    fn read(&mut self, id: Id) {
        let state = &mut self.states[id.index()];
        state.readers -= 1;
        if state.readers > 0 || state.views > 0 {
            return;
        }
        match self.tape.tensors[id.index()].looks_at {
            Some(of) => {
                let seen = &mut self.states[of.index()];
                seen.views -= 1;
                if seen.views == 0 && seen.readers == 0 {
                    self.free(of);
                }
            }
            None => self.free(id),
        }
    }

    fn free(&mut self, id: Id) {
        let tensor = self.tape.tensors[id.index()];
        if tensor.kept {
            return;
        }
        if let Some(slot) = self.states[id.index()].slot.take() {
            self.programs[program_of(tensor.home)].free(slot);
        }
    }
}

fn program_of(home: Home) -> usize {
    match home {
        Home::Host => 0,
        Home::Device(device) => 1 + usize::from(device),
    }
}
