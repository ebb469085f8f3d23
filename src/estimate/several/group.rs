//! Machines that hold a model together: what they hold at once, and how fast they are.

use crate::language::tr;
use crate::model::Model;
use crate::quant::Level;
use crate::units::Bytes;

use super::{Demand, Layout, Network, Service};
use crate::estimate::plan::{FitClass, Plan, Range};
use crate::estimate::rig::{Device, Rig};
use crate::estimate::scenario::{Engine, PlacementRequest, Scenario};

/// Requests at once that are tried.
pub(super) const SLOTS: [u32; 9] = [1, 2, 4, 8, 12, 16, 32, 64, 128];
/// Tokens of context are asked for in steps of this.
const CONTEXT_STEP: u32 = 256;
/// Bytes of an activation that goes from one machine to the next.
const ACTIVATION_BYTES: f64 = 4.0;

/// Machines that hold a model once.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// How they share it.
    pub layout: Layout,
    /// Machines.
    pub machines: u32,
    /// Requests that they answer at once.
    pub slots: u32,
    /// What was asked of them.
    pub scenario: Scenario,
    /// All their devices.
    pub rig: Rig,
    /// How the model sits on them.
    pub plan: Plan,
    /// Tokens a second that all requests get together, while others are read.
    pub output: Range,
    /// Seconds that the first token of a request takes when a place is free.
    pub first_s: f64,
    /// What a reader should know of these figures.
    pub notes: Vec<String>,
}

impl Group {
    /// Requests a second.
    pub fn capacity(&self, tokens_out: u32) -> f64 {
        self.output.p50 / f64::from(tokens_out.max(1))
    }

    /// Tokens a second of each request when all places are taken.
    pub fn rate_each(&self) -> f64 {
        self.output.p50 / f64::from(self.slots.max(1))
    }
}

/// What is asked of a group that answers `slots` requests at once.
pub(super) fn scenario(base: &Scenario, demand: &Demand, slots: u32) -> Scenario {
    let each = demand.context().div_ceil(CONTEXT_STEP).saturating_mul(CONTEXT_STEP);
    Scenario {
        context: each.saturating_mul(slots),
        parallel: slots,
        concurrency: slots,
        unified_kv: true,
        depth: demand.tokens_in.saturating_add(demand.tokens_out / 2),
        prompt_tokens: demand.tokens_in,
        output_tokens: demand.tokens_out,
        placement: PlacementRequest::default(),
        draft: None,
        ..base.clone()
    }
}

/// The devices of `machines` machines, the other machines' first; they hear of each other over `network`.
pub fn several(one: &Rig, machines: u32, network: &Network) -> Rig {
    let count = one.devices.len() * machines as usize;
    let far = |device: &Device| Device {
        peer_gbs: None,
        link_gbs: Some(device.link_gbs.map_or(network.gbs, |link| link.min(network.gbs))),
        peer_latency_us: Some(network.latency_us),
        ..device.clone()
    };
    let near = machines <= 1;
    let devices = one.devices.iter().cycle().take(count);
    Rig { devices: devices.map(|d| if near { d.clone() } else { far(d) }).collect(), ..one.clone() }
}

impl Service<'_> {
    /// A group of this layout; or why it cannot be.
    pub(super) fn group(&self, layout: Layout, machines: u32, slots: u32) -> Result<Group, String> {
        match layout {
            Layout::Replica => self.alone(slots),
            Layout::Tensor => self.together(layout, machines, slots),
            Layout::Series => self.series(machines, slots),
            Layout::Pipeline => self.pipeline(machines, slots),
        }
    }

    fn planned(&self, scenario: &Scenario, rig: &Rig) -> Result<Plan, String> {
        let plan = self.estimator.plan(self.model, self.level, scenario, rig);
        let plan = plan.map_err(|unsupported| unsupported.reason)?;
        let runs = if self.base.engine == Engine::LlamaCpp {
            plan.fit.class.runs()
        } else {
            plan.fit.class <= FitClass::Tight
        };
        if runs { Ok(plan) } else { Err(plan.fit.reason) }
    }

    fn alone(&self, slots: u32) -> Result<Group, String> {
        let scenario = scenario(self.base, self.demand, slots);
        let plan = self.planned(&scenario, self.one)?;
        let output = plan.speed.output.ok_or(tr!("No speed is known."))?;
        let (first_s, note) = first(&plan, &scenario)?;
        let notes = note.into_iter().collect();
        let rig = self.one.clone();
        Ok(Group { layout: Layout::Replica, machines: 1, slots, scenario, rig, plan, output, first_s, notes })
    }

    /// All cards of all machines share each layer.
    fn together(&self, layout: Layout, machines: u32, slots: u32) -> Result<Group, String> {
        let scenario = scenario(self.base, self.demand, slots);
        let rig = several(self.one, machines, self.network);
        let plan = self.planned(&scenario, &rig)?;
        if plan.serving.as_ref().is_none_or(|serving| serving.tensor as usize != rig.devices.len()) {
            let cards = rig.devices.len();
            return Err(tr!(
                "{display_name}'s heads cannot be shared by {cards} cards.",
                display_name = self.model.display_name,
                cards
            ));
        }
        let output = plan.speed.output.ok_or(tr!("No speed is known."))?;
        let (first_s, note) = first(&plan, &scenario)?;
        let mut notes: Vec<String> = note.into_iter().collect();
        notes.push(tr!("cards of several machines that share each layer were not measured: the network counts with {gbs} GB/s and {latency_us} µs", gbs = self.network.gbs, latency_us = format!("{:.0}", self.network.latency_us)));
        Ok(Group { layout, machines, slots, scenario, rig, plan, output, first_s, notes })
    }

    /// llama.cpp with servers on the other machines: layers one machine after another.
    fn series(&self, machines: u32, slots: u32) -> Result<Group, String> {
        let rig = several(self.one, machines, self.network);
        let mut scenario = scenario(self.base, self.demand, slots);
        scenario.placement.devices = Some((0..rig.devices.len()).collect());
        let plan = self.planned(&scenario, &rig)?;
        if plan.fit.class > FitClass::Tight {
            return Err(plan.fit.reason);
        }
        let output = plan.speed.output.ok_or(tr!("No speed is known."))?;
        let hop = self.hop_s(machines, slots);
        let slowed = |rate: f64| f64::from(slots) / (f64::from(slots) / rate + hop);
        let output = Range { p10: slowed(output.p10), p50: slowed(output.p50), p90: slowed(output.p90) };
        let (first_s, note) = first(&plan, &scenario)?;
        let mut notes: Vec<String> = note.into_iter().collect();
        notes.push(tr!("layers on one machine after another give room, not speed").to_owned());
        notes.push(tr!("RPC is a proof of concept and its traffic is not protected").to_owned());
        let first_s = first_s + hop;
        Ok(Group { layout: Layout::Series, machines, slots, scenario, rig, plan, output, first_s, notes })
    }

    /// Cards of one machine share each layer, machines have layers of their own and work on different requests at
    /// the same time.
    fn pipeline(&self, machines: u32, slots: u32) -> Result<Group, String> {
        let all = scenario(self.base, self.demand, slots);
        let (mut plan, wide) = self.staged(&all, machines)?;
        // A stage works on its part of the requests while the others work on theirs: each part takes as long through
        // all stages as the whole model on one machine's cards.
        let part = slots.div_ceil(machines);
        let of_part = scenario(self.base, self.demand, part);
        let through = self.planned(&of_part, &wide)?;
        let one = through.speed.output.ok_or(tr!("No speed is known."))?;
        let hop = self.hop_s(machines, part);
        let at = |rate: f64| f64::from(slots) / (f64::from(part) / rate + hop);
        let output = Range { p10: at(one.p10), p50: at(one.p50), p90: at(one.p90) };
        let (first_s, note) = first(&through, &of_part)?;
        let mut notes: Vec<String> = note.into_iter().collect();
        notes.push(
            tr!("machines in a pipeline were not measured: this is what they reach when none waits for another")
                .to_owned(),
        );
        if let Some(serving) = &mut plan.serving {
            serving.pipeline = serving.pipeline.saturating_mul(machines);
        }
        let rig = several(self.one, machines, self.network);
        plan.placement.devices = None;
        Ok(Group {
            layout: Layout::Pipeline,
            machines,
            slots,
            scenario: all,
            rig,
            plan,
            output,
            first_s: first_s + hop,
            notes,
        })
    }

    /// The plan on a machine with the memory of all, less what each keeps for itself; and that machine.
    fn staged(&self, scenario: &Scenario, machines: u32) -> Result<(Plan, Rig), String> {
        let times = u64::from(machines);
        let wide = |less: Bytes| {
            let wider = |device: &Device| Device {
                capacity: Bytes(device.capacity.0 * times),
                free: Bytes((device.free.0 * times).saturating_sub(less.0 * (times - 1))),
                ..device.clone()
            };
            Rig { devices: self.one.devices.iter().map(wider).collect(), ..self.one.clone() }
        };
        let first = self.planned(scenario, &wide(Bytes::ZERO))?;
        let kept = first.memory.devices.iter().map(|parts| parts.compute + parts.overhead).max();
        let rig = wide(kept.unwrap_or(Bytes::ZERO));
        Ok((self.planned(scenario, &rig)?, rig))
    }

    /// Seconds that a step of `requests` requests spends between machines.
    fn hop_s(&self, machines: u32, requests: u32) -> f64 {
        let bytes = f64::from(requests) * f64::from(self.model.n_embd) * ACTIVATION_BYTES;
        f64::from(machines.saturating_sub(1))
            * (self.network.latency_us * 1e-6 + bytes / (self.network.gbs * 1e9))
    }
}

/// Seconds to the first token of a request: as the plan says, else what reading it adds to the steps of several
/// requests.
fn first(plan: &Plan, scenario: &Scenario) -> Result<(f64, Option<String>), String> {
    if let Some(ttft) = plan.speed.ttft {
        return Ok((ttft.p50, None));
    }
    let (output, decode) = plan.speed.output.zip(plan.speed.decode).ok_or(tr!("No speed is known."))?;
    let slots = f64::from(scenario.concurrency.max(1));
    if slots <= 1.0 {
        return Err(tr!("Prompts on several cards were not measured.").to_owned());
    }
    let (with_prompts, without) = (slots / output.p50, slots / decode.p50);
    let reading = f64::from(scenario.output_tokens) * (with_prompts - without).max(0.0) / slots;
    let note =
        tr!("prompts on several cards were not measured alone: their time is what they add to the steps of \
                several requests");
    Ok((reading + without, Some(note.to_owned())))
}

/// Whether a level is one that an engine reads, else the nearest that it does.
pub fn level_for(engine: Engine, level: Level) -> Level {
    crate::estimate::engine::counterpart(engine, level)
}

/// Whether a model's layers can be parted at all.
pub(super) fn can_part(model: &Model, machines: u32) -> bool {
    model.n_layer >= machines
}
