//! Requests that come as they like, answered by one machine: a discrete-event simulation.
//!
//! Arrivals are a Poisson process; lengths of answers are exponential around their mean, cut at eight times it;
//! prompts have one length. Requests wait in the order of arrival for one of some slots. A request that gets a slot
//! has its prompt read, and while that is done the others wait, as the formula of a batch counts it (a prompt that
//! finds nobody else is read at the rate of one alone); then all that
//! have a slot are written for together, each at an equal share of the rate that so many have. Nobody gives up.
//!
//! The random numbers are `SplitMix64` (Steele, Lea, Flood 2014) from a fixed seed, so that the same question has
//! the same answer, and two machines are asked by the same requests.

use std::collections::VecDeque;

/// Seed of all simulations.
pub const SEED: u64 = 0x504C_494D_534F_4C4C;
/// Requests of a simulation.
pub const REQUESTS: usize = 3000;
/// Of these, the first are not counted: they found an empty machine.
pub const WARM_UP: usize = 300;
/// Longest answer, times the mean.
const LONGEST: f64 = 8.0;

/// `SplitMix64`.
#[derive(Clone, Debug)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Between 0 (possible) and 1 (never).
    fn uniform(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Exponential with mean 1.
    fn exponential(&mut self) -> f64 {
        -(1.0 - self.uniform()).ln()
    }
}

/// A machine that answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Server {
    /// Seconds that a prompt takes where nobody else is written for.
    pub prompt_s: f64,
    /// Seconds that it takes beside others, who wait for it.
    pub beside_s: f64,
    /// Seconds that a request takes before anything is done for it.
    pub latency_s: f64,
    /// Tokens a second of all together where one, two, … are written for; as many as there are slots.
    pub rates: Vec<f64>,
}

/// What comes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load {
    /// Requests a second.
    pub per_second: f64,
    /// Tokens of an answer, on average.
    pub output: f64,
}

/// Percentiles of a wait, seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Percentiles {
    /// Half wait no longer.
    pub p50: f64,
    /// 95 of 100.
    pub p95: f64,
    /// 99 of 100.
    pub p99: f64,
}

/// What came of a simulation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// From arrival to the first token.
    pub first_token: Percentiles,
    /// From arrival to the last.
    pub whole: Percentiles,
    /// Share of the time in which the machine works, 0 to 1.
    pub utilization: f64,
    /// Requests that have a slot, on average over the time in which there is one.
    pub at_once: f64,
}

struct Active {
    arrival: f64,
    /// Tokens that are still to be written.
    left: f64,
    number: usize,
}

fn percentiles(mut waits: Vec<f64>) -> Percentiles {
    waits.sort_by(f64::total_cmp);
    // The smallest value that so many do not exceed.
    let at = |share: f64| {
        let rank = (share * waits.len() as f64).ceil() as usize;
        waits.get(rank.clamp(1, waits.len().max(1)) - 1).copied().unwrap_or(0.0)
    };
    Percentiles { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}

/// Simulates `requests` of `load` on `server`, of which the first `warm_up` are not counted.
pub fn simulate(server: &Server, load: Load, requests: usize, warm_up: usize) -> Outcome {
    let mut random = Random(SEED);
    let mut clock = 0.0;
    let mut coming: VecDeque<(usize, f64, f64)> = (0..requests)
        .map(|number| {
            clock += random.exponential() / load.per_second;
            let tokens = random.exponential().min(LONGEST) * load.output;
            (number, clock, tokens.max(1.0))
        })
        .collect();
    let end_of_warm_up = coming.get(warm_up).map_or(0.0, |(_, arrival, _)| *arrival);
    let mut now = 0.0;
    let mut active: Vec<Active> = Vec::with_capacity(server.rates.len());
    let (mut first, mut whole) = (Vec::with_capacity(requests), Vec::with_capacity(requests));
    let (mut busy, mut shared) = (0.0, 0.0);
    let mut counted = |from: f64, to: f64, at_once: usize| {
        let seconds = (to - from.max(end_of_warm_up)).max(0.0);
        busy += seconds;
        shared += seconds * at_once as f64;
    };
    loop {
        let next = coming.front().map(|(_, arrival, _)| arrival + server.latency_s);
        let has_room = active.len() < server.rates.len();
        if has_room && next.is_some_and(|next| next <= now) {
            let Some((number, arrival, tokens)) = coming.pop_front() else { break };
            let begun = now;
            now += if active.is_empty() { server.prompt_s } else { server.beside_s };
            counted(begun, now, active.len() + 1);
            active.push(Active { arrival, left: tokens, number });
            let step = active.len() as f64 / server.rates[active.len() - 1];
            if number >= warm_up {
                first.push(now + step - arrival);
            }
            continue;
        }
        if active.is_empty() {
            let Some(next) = next else { break };
            now = now.max(next);
            continue;
        }
        let count = active.len();
        let rate = server.rates[count - 1] / count as f64;
        let least = active.iter().map(|one| one.left).fold(f64::INFINITY, f64::min);
        let done = now + least / rate;
        let until = match next.filter(|_| has_room) {
            Some(next) if next < done => next,
            _ => done,
        };
        // The least is taken as it is: late in a long time a short step may be no step of the clock.
        let written = if until < done { (until - now) * rate } else { least };
        counted(now, until, count);
        now = until;
        active.retain_mut(|one| {
            one.left -= written;
            let goes_on = one.left > 1e-9;
            if !goes_on && one.number >= warm_up {
                whole.push(now - one.arrival);
            }
            goes_on
        });
    }
    let all = (now - end_of_warm_up).max(f64::MIN_POSITIVE);
    Outcome {
        first_token: percentiles(first),
        whole: percentiles(whole),
        utilization: (busy / all).min(1.0),
        at_once: if busy > 0.0 { shared / busy } else { 0.0 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One slot, no prompt, exponential answers: an M/M/1 queue.
    fn one_slot() -> Server {
        Server { prompt_s: 0.0, beside_s: 0.0, latency_s: 0.0, rates: vec![100.0] }
    }

    #[test]
    fn one_slot_is_the_queue_of_the_textbooks() {
        // 100 tokens a second and 100 tokens an answer: one answer a second.
        let load = Load { per_second: 0.6, output: 100.0 };
        let found = simulate(&one_slot(), load, 60_000, 1000);
        // Time in an M/M/1 queue is exponential with rate μ − λ; cutting answers at eight means changes little.
        let expected = |share: f64| -(1.0 - share).ln() / 0.4;
        assert!((found.utilization - 0.6).abs() < 0.02, "{found:?}");
        assert!((found.whole.p50 / expected(0.5) - 1.0).abs() < 0.06, "{found:?}");
        assert!((found.whole.p95 / expected(0.95) - 1.0).abs() < 0.08, "{found:?}");
    }

    #[test]
    fn shared_rate_is_processor_sharing() {
        // Any number of slots at one rate for all together: the mean time is that of M/M/1, and half are quicker.
        let server = Server { rates: vec![100.0; 64], ..one_slot() };
        let load = Load { per_second: 0.6, output: 100.0 };
        let (shared, queued) =
            (simulate(&server, load, 60_000, 1000), simulate(&one_slot(), load, 60_000, 1000));
        assert!((shared.utilization - queued.utilization).abs() < 0.01);
        assert!(shared.whole.p50 < queued.whole.p50);
        assert!(shared.first_token.p95 < queued.first_token.p95);
    }

    #[test]
    fn the_same_question_has_the_same_answer() {
        let load = Load { per_second: 0.5, output: 80.0 };
        let server = Server { prompt_s: 0.3, beside_s: 0.3, latency_s: 0.01, rates: vec![50.0, 80.0, 100.0] };
        let once = simulate(&server, load, REQUESTS, WARM_UP);
        assert_eq!(once, simulate(&server, load, REQUESTS, WARM_UP));
        assert!(once.first_token.p50 >= 0.3 + 0.01 + 1.0 / 50.0 - 1e-9);
        assert!(once.first_token.p50 <= once.first_token.p95 && once.first_token.p95 <= once.first_token.p99);
        let more = simulate(&server, Load { per_second: 0.7, ..load }, REQUESTS, WARM_UP);
        assert!(more.first_token.p95 > once.first_token.p95 && more.utilization > once.utilization);
    }

    #[test]
    fn a_fast_machine_with_little_to_do_comes_to_an_end() {
        let server = Server { prompt_s: 1e-4, beside_s: 1e-4, latency_s: 0.0, rates: vec![5e4, 9e4] };
        let found = simulate(&server, Load { per_second: 1e-5, output: 100.0 }, 2000, 100);
        assert!(found.utilization > 0.0 && found.utilization < 1e-3, "{found:?}");
        // 100 tokens at 50,000 a second.
        assert!((found.first_token.p50 - 1e-4 - 2e-5).abs() < 1e-6, "{found:?}");
    }

    #[test]
    fn the_generator_is_the_published_one() {
        // First values of SplitMix64 from the seed 1234567.
        let mut random = Random(1_234_567);
        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
    }
}
