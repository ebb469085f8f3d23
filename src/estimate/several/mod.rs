//! Past one machine: how many like this one, and how they share a model, so that a service bears what is asked of
//! it. The same cost model as for one machine; what was not measured is said.

mod demand;
mod group;
pub mod queue;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::language::{fixed, localized, tr};
use crate::model::Model;
use crate::quant::Level;

use super::Estimator;
use super::rig::Rig;
use super::scenario::{Engine, Scenario};

pub use demand::{BadDemand, Demand, MOST_ARRIVALS, MOST_RATE, MOST_TOKENS, MOST_WAIT_S, SHARE};
pub use group::{Group, level_for, several};
pub use queue::Queue;

/// Most machines of an answer.
pub const MOST_MACHINES: u32 = 64;
/// Machines that hold a model together, as they are tried.
const TOGETHER: [u32; 5] = [2, 3, 4, 6, 8];
/// Machines in a row of llama.cpp's: each adds its part of the wait.
const IN_SERIES: [u32; 3] = [2, 3, 4];
/// Most cards that work as one.
const MOST_CARDS: usize = 64;

/// How machines share a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// Each has all of it.
    Replica,
    /// All cards of all machines share each layer.
    Tensor,
    /// The cards of a machine share each layer; each machine has layers of its own.
    Pipeline,
    /// llama.cpp: cards hold layers one after another, across machines.
    Series,
}

impl Layout {
    /// Its name on a command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Replica => "replica",
            Self::Tensor => "tensor",
            Self::Pipeline => "pipeline",
            Self::Series => "series",
        }
    }

    /// In a sentence: "machines …".
    pub fn words(self) -> &'static str {
        match self {
            Self::Replica => tr!("each with the whole model"),
            Self::Tensor => tr!("whose cards share each layer"),
            Self::Pipeline => tr!("each with layers of its own"),
            Self::Series => tr!("with layers one after another"),
        }
    }
}

/// The link between machines.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Network {
    /// Rate each way, GB/s.
    pub gbs: f64,
    /// Time until a message of a few kilobytes has arrived everywhere, µs.
    pub latency_us: f64,
}

impl Default for Network {
    /// Ethernet with 10 Gbit/s, as it can be bought for a home; the latency is usual for TCP over it.
    fn default() -> Self {
        Self { gbs: 1.25, latency_us: 100.0 }
    }
}

/// A question.
#[derive(Clone, Copy, Debug)]
pub struct Service<'a> {
    /// Who estimates.
    pub estimator: &'a Estimator,
    /// The model.
    pub model: &'a Model,
    /// Its quantization, one that the engine reads: [`level_for`].
    pub level: Level,
    /// Cache types, engine and the like; load and lengths are those of the demand.
    pub base: &'a Scenario,
    /// One machine.
    pub one: &'a Rig,
    /// What is asked.
    pub demand: &'a Demand,
    /// Between machines.
    pub network: &'a Network,
}

/// Machines that bear a demand, or as near as this one comes.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// What each replica is.
    pub group: Group,
    /// Replicas.
    pub replicas: u32,
    /// The line before each.
    pub queue: Queue,
    /// Seconds that 95 of 100 requests wait for the first token at most; `None`: the line grows without end.
    pub wait_s: Option<f64>,
    /// The demand is met.
    pub meets: bool,
}

impl Offer {
    /// All machines.
    pub fn machines(&self) -> u32 {
        self.group.machines.saturating_mul(self.replicas)
    }
}

/// The answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// This machine by itself; or why it cannot.
    pub alone: Result<Offer, String>,
    /// Of each layout that meets the demand the one with the fewest machines; fewest machines first.
    pub offers: Vec<Offer>,
    /// Layouts that do not, with the reason.
    pub refused: Vec<(Layout, String)>,
}

impl Service<'_> {
    /// Looks for the fewest machines. `is_stale`: nobody waits for the answer any more.
    pub fn answer(&self, is_stale: &dyn Fn() -> bool) -> Option<Answer> {
        let alone = self.one_machine();
        let (mut offers, mut refused) = (Vec::new(), Vec::new());
        for layout in layouts(self.base.engine) {
            match self.best(*layout, is_stale)? {
                Ok(offer) => offers.push(offer),
                Err(reason) => refused.push((*layout, reason)),
            }
        }
        offers.sort_by(|a, b| {
            let wait = |offer: &Offer| offer.wait_s.unwrap_or(f64::INFINITY);
            a.machines().cmp(&b.machines()).then(wait(a).total_cmp(&wait(b)))
        });
        Some(Answer { alone, offers, refused })
    }

    /// What this machine alone does: with the places at which it waits least, else at which it does most.
    fn one_machine(&self) -> Result<Offer, String> {
        let mut best: Option<Offer> = None;
        let mut why = String::new();
        for slots in group::SLOTS {
            match self.group(Layout::Replica, 1, slots) {
                Ok(group) => {
                    let offer = self.offer(group, 1);
                    if best.as_ref().is_none_or(|best| better(&offer, best)) {
                        best = Some(offer);
                    }
                }
                Err(reason) if why.is_empty() => why = reason,
                Err(_) => {}
            }
        }
        best.ok_or(why)
    }

    /// The fewest machines of a layout that meet the demand.
    fn best(&self, layout: Layout, is_stale: &dyn Fn() -> bool) -> Option<Result<Offer, String>> {
        let mut best: Option<Offer> = None;
        let mut reached: Option<Reached> = None;
        let mut why = String::new();
        for machines in self.sizes(layout) {
            for slots in group::SLOTS {
                if is_stale() {
                    return None;
                }
                let group = match self.group(layout, machines, slots) {
                    Ok(group) => group,
                    Err(reason) => {
                        if why.is_empty() {
                            why = reason;
                        }
                        continue;
                    }
                };
                reached.get_or_insert_default().add(&group, self.demand);
                let offer = self.fewest(group);
                let is_less = |best: &Offer| {
                    (offer.machines(), offer.wait_s.unwrap_or(f64::INFINITY))
                        < (best.machines(), best.wait_s.unwrap_or(f64::INFINITY))
                };
                if offer.meets && best.as_ref().is_none_or(is_less) {
                    best = Some(offer);
                }
            }
        }
        Some(match (best, reached) {
            (Some(best), _) => Ok(best),
            (None, Some(reached)) => Err(reached.shortfall(self.demand)),
            (None, None) if why.is_empty() => {
                Err(tr!("There are no machines of this kind to share it.").to_owned())
            }
            (None, None) => Err(why),
        })
    }

    fn sizes(&self, layout: Layout) -> Vec<u32> {
        let cards = self.one.devices.len();
        let all: &[u32] = match layout {
            Layout::Replica => return vec![1],
            Layout::Series => &IN_SERIES,
            Layout::Tensor | Layout::Pipeline => &TOGETHER,
        };
        let fits = |machines: &u32| {
            cards > 0 && cards * *machines as usize <= MOST_CARDS && group::can_part(self.model, *machines)
        };
        all.iter().copied().filter(fits).collect()
    }

    /// The fewest replicas of `group` that meet the demand, else as many as may be.
    fn fewest(&self, group: Group) -> Offer {
        let most = (MOST_MACHINES / group.machines).max(1);
        let capacity = group.capacity(self.demand.tokens_out);
        let least = (self.demand.arrivals() / capacity).ceil().clamp(1.0, f64::from(most)) as u32;
        let hopeless = group.first_s > self.demand.wait_s || group.rate_each() < self.demand.rate;
        if hopeless {
            return self.offer(group, least);
        }
        let mut replicas = least;
        loop {
            let offer = self.offer(group.clone(), replicas);
            if offer.meets || replicas >= most {
                return offer;
            }
            replicas += 1;
        }
    }

    fn offer(&self, group: Group, replicas: u32) -> Offer {
        let queue = Queue {
            arrivals: self.demand.arrivals() / f64::from(replicas.max(1)),
            places: group.slots,
            capacity: group.capacity(self.demand.tokens_out),
        };
        let wait_s = queue.wait_s(SHARE).map(|wait| wait + group.first_s);
        let meets =
            wait_s.is_some_and(|wait| wait <= self.demand.wait_s) && group.rate_each() >= self.demand.rate;
        Offer { group, replicas, queue, wait_s, meets }
    }
}

/// The best that groups of a layout reach, whatever their number.
#[derive(Clone, Copy, Debug, Default)]
struct Reached {
    /// Highest rate of an answer, tokens/s.
    rate: f64,
    /// Least time to the first token among those whose answers come fast enough, s; `None`: none does.
    first_s: Option<f64>,
}

impl Reached {
    fn add(&mut self, group: &Group, demand: &Demand) {
        self.rate = self.rate.max(group.rate_each());
        if group.rate_each() >= demand.rate {
            self.first_s = Some(self.first_s.map_or(group.first_s, |known| known.min(group.first_s)));
        }
    }

    /// What is missing of the demand.
    fn shortfall(&self, demand: &Demand) -> String {
        match self.first_s {
            None => tr!(
                "Each answer comes with {rate} tokens a second at best, not {wanted}.",
                rate = fixed(self.rate, 1),
                wanted = localized(demand.rate.to_string())
            ),
            Some(first) if first > demand.wait_s => tr!(
                "Reading the prompt alone takes {first} s, longer than the {wait_s} s that may be waited.",
                first = fixed(first, 1),
                wait_s = localized(demand.wait_s.to_string())
            ),
            Some(_) => tr!("More than {most} machines would be needed.", most = MOST_MACHINES),
        }
    }
}

/// Whether `a` comes nearer to a demand than `b`.
fn better(a: &Offer, b: &Offer) -> bool {
    let key = |offer: &Offer| (offer.meets, offer.wait_s.is_some());
    match key(a).cmp(&key(b)) {
        std::cmp::Ordering::Equal => match (a.wait_s, b.wait_s) {
            (Some(a), Some(b)) => a < b,
            _ => a.queue.capacity > b.queue.capacity,
        },
        order => order.is_gt(),
    }
}

/// Layouts that an engine has.
pub const fn layouts(engine: Engine) -> &'static [Layout] {
    match engine {
        Engine::Vllm | Engine::Sglang => &[Layout::Replica, Layout::Tensor, Layout::Pipeline],
        Engine::LlamaCpp => &[Layout::Replica, Layout::Series],
        Engine::Ollama | Engine::Mlx | Engine::ExLlamaV3 | Engine::TensorRtLlm => &[Layout::Replica],
    }
}
