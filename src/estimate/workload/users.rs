//! Many users: requests as they come, and how long people wait.

use serde::{Deserialize, Serialize};

use super::simulation::{self, Load, Outcome, REQUESTS, Server, WARM_UP, simulate};
use super::{Answer, Detail, Limits, Of, Problem, Range, Speeds, Tokens, known};
use crate::language::mark;

/// Numbers of slots that are tried.
const SLOTS: [u32; 7] = [1, 2, 4, 8, 16, 32, 64];
/// Numbers of requests whose rate is asked; between them it is a straight line.
const KNOTS: [u32; 12] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64];
/// A wait that is this much longer is as long.
const AS_SHORT: f64 = 1.03;
/// Loads of the curve, as shares of the capacity.
const SHARES: [f64; 12] = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95];
/// Load beyond which a queue grows for as long as it lasts, as a share of the capacity.
const STABLE: f64 = 0.99;

/// Requests of several people.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Users {
    /// Requests a minute.
    pub per_minute: f64,
    /// Tokens of a prompt.
    pub input: u32,
    /// Tokens that stand before each prompt and are the same.
    pub shared: u32,
    /// Tokens of an answer, on average.
    pub output: u32,
    /// Seconds within which 95 of 100 should see their first token.
    pub target_s: f64,
}

/// The wait at a load.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LoadPoint {
    /// Requests a minute.
    pub per_minute: f64,
    /// Seconds within which 95 of 100 see their first token, if the machine is fast, as predicted, and slow; `None`:
    /// so many are more than it can answer.
    pub wait: [Option<f64>; 3],
}

/// What many users have besides.
#[derive(Clone, Debug, PartialEq)]
pub struct UsersAnswer {
    /// Requests a minute that the machine can answer at most.
    pub capacity: Range,
    /// What the simulation says, if the machine is fast, as predicted, and slow; `None`: more comes than it can
    /// answer, and the queue grows for as long as that lasts.
    pub outcomes: [Option<Outcome>; 3],
    /// Whether 95 of 100 see their first token in time, as predicted.
    pub in_time: bool,
    /// Requests a minute up to which they do, as predicted.
    pub most_in_time: f64,
    /// The wait over the load.
    pub curve: Vec<LoadPoint>,
}

/// What one number of slots does.
struct Machine {
    /// Fast, as predicted, slow.
    servers: [Server; 3],
    /// Requests a second, likewise.
    capacity: [f64; 3],
    output: f64,
}

impl Machine {
    fn outcome(&self, at: usize, per_second: f64) -> Option<Outcome> {
        let load = Load { per_second, output: self.output };
        let is_stable = per_second < STABLE * self.capacity[at];
        is_stable.then(|| simulate(&self.servers[at], load, REQUESTS, WARM_UP))
    }
}

/// A rate between two that were asked.
fn between(knots: &[(u32, f64)], requests: u32) -> f64 {
    let after = knots.partition_point(|(at, _)| *at < requests);
    match (after.checked_sub(1).and_then(|before| knots.get(before)), knots.get(after)) {
        (Some((from, low)), Some((to, high))) => {
            let share = f64::from(requests - from) / f64::from(to - from);
            low + (high - low) * share
        }
        (_, Some((_, rate))) | (Some((_, rate)), None) => *rate,
        (None, None) => 0.0,
    }
}

impl Users {
    pub(super) fn room(&self) -> u64 {
        u64::from(self.shared) + u64::from(self.input) + u64::from(self.output)
    }

    pub(super) fn tokens(&self) -> Tokens {
        Tokens {
            input: f64::from(self.shared) + f64::from(self.input),
            kept: f64::from(self.shared),
            output: f64::from(self.output),
        }
    }

    fn depth(&self) -> u32 {
        self.shared + self.input + self.output / 2
    }

    fn machine(&self, speeds: &dyn Speeds, slots: u32) -> Result<Machine, Problem> {
        let beside = known(speeds.beside(self.shared, self.input, slots))?;
        let alone = known(speeds.prompt(self.shared, self.input, slots))?.dividing(f64::from(self.input));
        let mut asked: Vec<u32> = KNOTS.into_iter().filter(|knot| *knot < slots).collect();
        asked.push(slots);
        let mut knots: Vec<(u32, Range)> = Vec::with_capacity(asked.len());
        for requests in asked {
            knots.push((requests, known(speeds.decode(self.depth(), requests))?));
        }
        let latency_s = speeds.latency();
        let server = |prompt_s: f64, beside_s: f64, rate: fn(&Range) -> f64| {
            let knots: Vec<(u32, f64)> = knots.iter().map(|(at, range)| (*at, rate(range))).collect();
            Server {
                prompt_s,
                beside_s,
                latency_s,
                rates: (1..=slots).map(|count| between(&knots, count)).collect(),
            }
        };
        let servers = [
            server(alone.p10, beside.p10, |range| range.p90),
            server(alone.p50, beside.p50, |range| range.p50),
            server(alone.p90, beside.p90, |range| range.p10),
        ];
        let output = f64::from(self.output);
        let capacity = |server: &Server| {
            let fastest = server.rates.iter().copied().fold(0.0, f64::max);
            1.0 / (server.beside_s + output / fastest)
        };
        Ok(Machine { capacity: [0, 1, 2].map(|at| capacity(&servers[at])), servers, output })
    }

    /// Requests a second up to which 95 of 100 wait no longer than they should, by bisection.
    fn most_in_time(&self, machine: &Machine) -> f64 {
        let in_time = |share: f64| {
            let outcome = machine.outcome(1, share * machine.capacity[1]);
            outcome.is_some_and(|outcome| outcome.first_token.p95 <= self.target_s)
        };
        let (mut low, mut high) = (0.0, STABLE);
        for _ in 0..12 {
            let middle = f64::midpoint(low, high);
            if in_time(middle) { low = middle } else { high = middle }
        }
        low * machine.capacity[1]
    }

    /// The fewest slots with which the wait is within 3 % of the shortest; where all are too few, those of the
    /// highest capacity.
    fn best(&self, speeds: &dyn Speeds, most: u32) -> Option<u32> {
        let per_second = self.per_minute / 60.0;
        let tried: Vec<(u32, Machine)> = SLOTS
            .into_iter()
            .filter(|slots| *slots <= most)
            .filter_map(|slots| Some((slots, self.machine(speeds, slots).ok()?)))
            .collect();
        let waits: Vec<(u32, f64)> = tried
            .iter()
            .filter_map(|(slots, machine)| Some((*slots, machine.outcome(1, per_second)?.first_token.p95)))
            .collect();
        let shortest = waits.iter().map(|(_, wait)| *wait).min_by(f64::total_cmp);
        let best = waits.iter().find(|(_, wait)| shortest.is_some_and(|least| *wait <= least * AS_SHORT));
        let strongest = || tried.iter().max_by(|a, b| a.1.capacity[1].total_cmp(&b.1.capacity[1]));
        best.map(|(slots, _)| *slots).or_else(|| strongest().map(|(slots, _)| *slots))
    }

    pub(super) fn answer(&self, speeds: &dyn Speeds, limits: Limits) -> Result<Answer, Problem> {
        self.machine(speeds, 1)?;
        let best = self.best(speeds, limits.most).unwrap_or(1);
        let slots = limits.asked.unwrap_or(best);
        let class = speeds.class(slots).filter(|class| class.runs()).ok_or(Problem::DoesNotFit)?;
        let machine = self.machine(speeds, slots)?;
        let per_second = self.per_minute / 60.0;
        let outcomes = [0, 1, 2].map(|at| machine.outcome(at, per_second));
        let capacity = Range {
            p10: machine.capacity[2] * 60.0,
            p50: machine.capacity[1] * 60.0,
            p90: machine.capacity[0] * 60.0,
        };
        let usual = outcomes[1];
        let at_once = usual.map_or(slots, |usual| (usual.at_once.round() as u32).clamp(1, slots));
        let decode = known(speeds.decode(self.depth(), at_once))?;
        let prompt = known(speeds.beside(self.shared, self.input, slots))?;
        let wait = |at: usize| outcomes[at].map(|outcome| outcome.first_token.p50);
        let alone = prompt.plus(Range::exactly(speeds.latency()));
        let busy = |at: usize| match outcomes[at] {
            Some(outcome) => outcome.utilization / per_second,
            None => 1.0 / machine.capacity[at],
        };
        let (shares, most_in_time) = match limits.detail {
            Detail::All => (SHARES.as_slice(), self.most_in_time(&machine)),
            Detail::Rough => (&[] as &[f64], 0.0),
        };
        let point = |share: &f64| {
            let load = share * machine.capacity[1];
            let waits = [0, 1, 2].map(|at| machine.outcome(at, load).map(|outcome| outcome.first_token.p95));
            LoadPoint { per_minute: load * 60.0, wait: waits }
        };
        let curve = shares.iter().map(point).collect();
        Ok(Answer {
            requests: slots,
            best,
            most: limits.most,
            class,
            room: limits.room,
            busy: Range { p10: busy(0).min(busy(1)), p50: busy(1), p90: busy(2).max(busy(1)) },
            first_token: match (wait(0), wait(1), wait(2)) {
                (Some(p10), Some(p50), p90) => Range { p10, p50, p90: p90.unwrap_or(f64::INFINITY) },
                _ => alone,
            },
            reading_rate: decode.times(1.0 / f64::from(at_once)),
            decode: known(speeds.decode(self.depth(), slots))?,
            prompt: prompt.dividing(f64::from(self.input)),
            of: Of::Users(UsersAnswer {
                capacity,
                outcomes,
                in_time: usual.is_some_and(|usual| usual.first_token.p95 <= self.target_s),
                most_in_time: 60.0 * most_in_time,
                curve,
            }),
        })
    }
}

/// How the answer was found, for people.
pub const MODEL: &str = mark!(
    "Simulated: 3,000 requests at random times (a Poisson process) with answers of random length \
    (exponential), first come first served; the random numbers are always the same."
);

/// The seed that [`MODEL`] speaks of.
pub const SEED: u64 = simulation::SEED;
