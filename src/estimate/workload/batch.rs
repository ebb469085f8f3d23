//! A batch: many items that are all there at the start, several of them at once.

use serde::{Deserialize, Serialize};

use super::{Answer, Detail, FitClass, Limits, Of, Problem, REQUESTS_MAX, Range, Speeds, Tokens, known};

/// Numbers of requests that are tried for the best, and points of the curve.
pub const TRIED: [u32; 16] = [1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 20, 24, 32, 48, 64];
/// Those of a rough answer.
const TRIED_ROUGHLY: [u32; 5] = [1, 4, 8, 16, 32];
/// A job that takes this much longer takes as long.
const AS_FAST: f64 = 1.03;

/// Items of one shape.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// How many.
    pub items: u64,
    /// Tokens of an item.
    pub input: u32,
    /// Tokens that stand before each of them and are the same: instructions, examples.
    pub shared: u32,
    /// Tokens that are written for an item.
    pub output: u32,
}

/// The whole job with so many requests at once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Requests at once.
    pub requests: u32,
    /// How the model lies then.
    pub class: FitClass,
    /// Seconds for all items.
    pub seconds: Range,
}

/// What a batch has besides.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchAnswer {
    /// The job over the number of requests.
    pub points: Vec<Point>,
    /// Seconds for all items.
    pub seconds: Range,
    /// Of these, those in which prompts are read: what no more requests can shorten.
    pub reading: Range,
    /// Seconds that an item waits and works from its turn to its answer.
    pub item: Range,
    /// Seconds that one request at a time takes for all.
    pub one_by_one: Range,
    /// Tokens a second that are written, prompts included.
    pub output_rate: Range,
}

/// What of the work one number of requests does.
struct Share {
    /// Seconds that the prompt of an item takes of the machine.
    prompt: Range,
    /// Tokens a second of all together.
    decode: Range,
}

impl Batch {
    pub(super) fn room(&self) -> u64 {
        u64::from(self.shared) + u64::from(self.input) + u64::from(self.output)
    }

    /// All items of the job. What they share is kept after the first.
    pub(super) fn tokens(&self) -> Tokens {
        let items = self.items as f64;
        Tokens {
            input: items * (f64::from(self.shared) + f64::from(self.input)),
            kept: (items - 1.0).max(0.0) * f64::from(self.shared),
            output: items * f64::from(self.output),
        }
    }

    fn share(&self, speeds: &dyn Speeds, requests: u32) -> Result<Share, Problem> {
        let depth = self.shared + self.input + self.output / 2;
        let prompt = known(speeds.beside(self.shared, self.input, requests))?;
        Ok(Share { prompt, decode: known(speeds.decode(depth, requests))? })
    }

    /// Seconds of the whole job: each item is read, and written beside the others:
    /// `shared/pp + items·(input/pp + output/tg(requests))` (cost model, §6.5).
    fn seconds(&self, speeds: &dyn Speeds, requests: u32) -> Result<Range, Problem> {
        let requests = self.at_most(requests);
        let Share { prompt, decode } = self.share(speeds, requests)?;
        let item = prompt.plus(decode.dividing(f64::from(self.output)));
        let all = item.times(self.items as f64);
        if self.shared == 0 {
            return Ok(all);
        }
        let shared = known(speeds.prompt(0, self.shared, requests))?.dividing(f64::from(self.shared));
        Ok(all.plus(shared))
    }

    /// No more requests than items.
    fn at_most(&self, requests: u32) -> u32 {
        requests.min(u32::try_from(self.items).unwrap_or(u32::MAX)).max(1)
    }

    fn point(&self, speeds: &dyn Speeds, requests: u32) -> Option<Point> {
        let class = speeds.class(requests).filter(|class| class.runs())?;
        Some(Point { requests, class, seconds: self.seconds(speeds, requests).ok()? })
    }

    /// The fewest requests of `points`, all of which fit where one does, that take no more than 3 % longer than the fastest.
    fn best(points: &[Point]) -> Option<u32> {
        let fastest = points.iter().map(|point| point.seconds.p50).min_by(f64::total_cmp)?;
        points.iter().find(|point| point.seconds.p50 <= fastest * AS_FAST).map(|point| point.requests)
    }

    pub(super) fn answer(&self, speeds: &dyn Speeds, limits: Limits) -> Result<Answer, Problem> {
        // Without one request nothing is known of more.
        self.seconds(speeds, 1)?;
        let mut tried: Vec<u32> = match limits.detail {
            Detail::All => TRIED.to_vec(),
            Detail::Rough => TRIED_ROUGHLY.to_vec(),
        };
        tried.extend([limits.most, limits.asked.unwrap_or(1)]);
        tried.sort_unstable();
        tried.dedup();
        let points: Vec<Point> = tried
            .into_iter()
            .filter(|requests| *requests <= REQUESTS_MAX)
            .filter_map(|requests| self.point(speeds, requests))
            .collect();
        // What spills is estimated by another form, which knows no prompts beside others: no advice rests on it.
        let resident: Vec<Point> =
            points.iter().copied().filter(|point| point.requests <= limits.most).collect();
        let best = Self::best(&resident).ok_or_else(|| Problem::NoSpeed(String::new()))?;
        let best = self.at_most(best);
        let requests = self.at_most(limits.asked.unwrap_or(best));
        let class = speeds.class(requests).filter(|class| class.runs()).ok_or(Problem::DoesNotFit)?;
        let seconds = self.seconds(speeds, requests)?;
        let Share { prompt, decode } = self.share(speeds, requests)?;
        let each = decode.times(1.0 / f64::from(requests));
        let latency = Range::exactly(speeds.latency());
        let alone = known(speeds.prompt(self.shared, self.input, requests))?;
        Ok(Answer {
            requests,
            best,
            most: limits.most,
            class,
            room: limits.room,
            busy: seconds,
            first_token: alone.dividing(f64::from(self.input)).plus(latency),
            reading_rate: each,
            decode,
            prompt: prompt.dividing(f64::from(self.input)),
            of: Of::Batch(BatchAnswer {
                seconds,
                reading: prompt.times(self.items as f64),
                // While an item is written as many others are read as are written beside it.
                item: prompt
                    .times(f64::from(requests))
                    .plus(each.dividing(f64::from(self.output)))
                    .plus(latency),
                one_by_one: self.seconds(speeds, 1)?,
                output_rate: seconds.dividing(self.items as f64 * f64::from(self.output)),
                points,
            }),
        })
    }
}
