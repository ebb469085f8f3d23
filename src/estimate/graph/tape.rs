//! A compute graph: tensors in the order in which llama.cpp computes them.

use super::size::Size;

/// A tensor of a [`Tape`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Id(u32);

impl Id {
    /// Place in [`Tape::tensors`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Where a tensor lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// Main memory.
    Host,
    /// A device, in the order of the pipeline.
    Device(u8),
}

/// How a tensor gets its memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Filled before the graph runs; it has memory from the start.
    Input,
    /// Its own.
    Own,
    /// A source's where nothing else needs that: ggml computes these in place.
    InPlace,
    /// A look at another tensor.
    View,
    /// A weight in main memory.
    Weight,
    /// A cache in main memory.
    Cache,
    /// A write into memory outside of the graph: a cache or a recurrent state.
    Sink,
}

/// Most sources of an operation.
pub const MAX_SOURCES: usize = 6;

/// One tensor.
#[derive(Clone, Copy, Debug)]
pub struct Tensor {
    /// Its bytes.
    pub size: Size,
    /// Bytes from its first to its last value: more than its size where it has gaps.
    pub span: Size,
    /// What it is computed from, without weights and caches.
    pub sources: [Option<Id>; MAX_SOURCES],
    /// How it gets its memory.
    pub kind: Kind,
    /// The tensor that a view looks at, never a view itself.
    pub looks_at: Option<Id>,
    /// Where it lives.
    pub home: Home,
    /// It is read after the graph ran: its memory is never used again.
    pub kept: bool,
    ordered: bool,
}

/// A graph under construction. Tensors are ordered as ggml does it: [`Tape::expand`] puts a tensor behind
/// all it depends on, sources first to last.
#[derive(Debug, Default)]
pub struct Tape {
    /// All tensors.
    pub tensors: Vec<Tensor>,
    /// Tensors that are computed, in order.
    pub order: Vec<Id>,
    device: u8,
    on_host: bool,
}

impl Tape {
    /// The processor computes everything.
    pub fn stay_on_host(&mut self) {
        self.on_host = true;
    }

    fn home(&self) -> Home {
        if self.on_host { Home::Host } else { Home::Device(self.device) }
    }

    /// What follows is computed on device `device`.
    pub fn move_to(&mut self, device: u8) {
        self.device = device;
    }

    /// An input, in main memory.
    pub fn input(&mut self, size: Size) -> Id {
        self.push(size, &[], Kind::Input, Home::Host)
    }

    /// A result with memory of its own.
    pub fn own(&mut self, size: Size, sources: &[Id]) -> Id {
        self.push(size, sources, Kind::Own, self.home())
    }

    /// The same, computed by the processor.
    pub fn own_on_host(&mut self, size: Size, sources: &[Id]) -> Id {
        self.push(size, sources, Kind::Own, Home::Host)
    }

    /// A result that may take the memory of a source of its size.
    pub fn in_place(&mut self, size: Size, sources: &[Id]) -> Id {
        self.push(size, sources, Kind::InPlace, self.home())
    }

    /// A result of the first source's size that may take its memory.
    pub fn change(&mut self, sources: &[Id]) -> Id {
        let size = sources.first().map_or_else(Size::default, |id| self.tensors[id.index()].size);
        self.in_place(size, sources)
    }

    /// A part or another shape of `source`.
    pub fn view(&mut self, source: Id, size: Size) -> Id {
        let of = self.tensors[source.index()];
        let id = self.push(size, &[source], Kind::View, of.home);
        self.tensors[id.index()].looks_at = Some(of.looks_at.unwrap_or(source));
        id
    }

    /// A part of each row of `source`: a copy of it keeps the gaps.
    pub fn strided(&mut self, source: Id, size: Size) -> Id {
        let id = self.view(source, size);
        self.tensors[id.index()].span = self.tensors[source.index()].span;
        id
    }

    /// A weight in main memory.
    pub fn weight(&mut self, size: Size) -> Id {
        self.push(size, &[], Kind::Weight, Home::Host)
    }

    /// A cache in main memory.
    pub fn cache(&mut self, size: Size) -> Id {
        self.push(size, &[], Kind::Cache, Home::Host)
    }

    /// The whole of `source` in another shape.
    pub fn reshape(&mut self, source: Id) -> Id {
        self.view(source, self.tensors[source.index()].size)
    }

    /// A write into a cache, in main memory or on the device.
    pub fn sink(&mut self, sources: &[Id], on_host: bool) -> Id {
        let home = if on_host { Home::Host } else { self.home() };
        self.push(Size::default(), sources, Kind::Sink, home)
    }

    /// Marks a result that is read after the graph ran.
    pub fn keep(&mut self, id: Id) {
        self.tensors[id.index()].kept = true;
    }

    /// Puts `id` and what it needs at the end of the order.
    pub fn expand(&mut self, id: Id) {
        if self.tensors[id.index()].ordered {
            return;
        }
        self.tensors[id.index()].ordered = true;
        for source in self.tensors[id.index()].sources.into_iter().flatten() {
            self.expand(source);
        }
        if !matches!(self.tensors[id.index()].kind, Kind::Input | Kind::Weight | Kind::Cache) {
            self.order.push(id);
        }
    }

    fn push(&mut self, size: Size, sources: &[Id], kind: Kind, home: Home) -> Id {
        let id = Id(self.tensors.len() as u32);
        let mut all = [None; MAX_SOURCES];
        for (place, source) in all.iter_mut().zip(sources) {
            *place = Some(*source);
        }
        self.tensors.push(Tensor {
            size,
            span: size,
            sources: all,
            kind,
            looks_at: None,
            home,
            kept: false,
            ordered: false,
        });
        id
    }

    /// A copy of `source` in `home`, made where its part of the graph begins.
    pub(super) fn copy_of(&mut self, source: Id, home: Home, kept: bool) -> Id {
        let size = self.tensors[source.index()].span;
        let id = self.push(size, &[], Kind::Own, home);
        self.tensors[id.index()].kept = kept;
        id
    }
}
