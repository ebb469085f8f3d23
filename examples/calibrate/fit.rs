//! The fit: robust Gauss–Newton over effects with Gaussian priors, whose deviations are estimated too.
//!
//! `ln t = ln(fixed + Σ exp(a_j)·x_j) + c`. Errors are Student-t (few degrees of freedom) by reweighting; the
//! deviation of each effect is the one under which its values are most likely (expectation–maximization). All
//! steps are deterministic.

use std::collections::HashMap;

use plimsoll::estimate::calibration::{Facts, Form, Term};

/// Degrees of freedom of the errors, where a form's points do not say otherwise.
const NU: f64 = 4.0;
/// Least deviation of errors: measurements of one configuration differ by this much.
const LEAST_ERROR: f64 = 0.05;
/// Range of an effect's deviation.
const SIGMAS: (f64, f64) = (0.01, 0.6);
/// Effects with fewer values keep the deviation that was guessed.
const FEWEST_VALUES: usize = 3;
/// Longest step of a parameter.
const STEP: f64 = 0.7;
/// Terms that a step consists of; the last of [`Term::ALL`] is the whole.
pub const TERMS: usize = Term::ALL.len() - 1;

/// A row of the linearized problem: slopes by parameter, weight, error.
type Equation = (Vec<(usize, f64)>, f64, f64);

/// One measurement as the fit sees it.
#[derive(Clone, Debug)]
pub struct Point {
    /// Seconds by term, before effects.
    pub seconds: [f64; TERMS],
    /// Logarithm of the seconds that were measured.
    pub measured: f64,
    /// Its weight.
    pub weight: f64,
    /// How far effects count by term, the whole last: 0 not at all, 1 as they are.
    pub strength: [f64; TERMS + 1],
}

/// Effects count as they are.
pub const FULL: [f64; TERMS + 1] = [1.0; TERMS + 1];

/// Measurements and the effects that scale them.
#[derive(Debug)]
pub struct Design {
    fixed_s: f64,
    points: Vec<Point>,
    /// Of each point: parameters and the term that each scales.
    keys: Vec<Vec<(usize, usize)>>,
    /// Names of the parameters: the effect and its key.
    pub names: Vec<(usize, String)>,
    mean: Vec<f64>,
    /// Deviations of the parameters' priors.
    pub sigma: Vec<f64>,
    is_free: Vec<bool>,
    /// Deviation of errors.
    pub error: f64,
    /// Degrees of freedom of the errors: the fewer, the less those count that are far off.
    pub freedom: f64,
}

impl Design {
    /// Points of a form, each with what is known of it.
    pub fn new(form: &Form, points: Vec<Point>, facts: &[Facts<'_>]) -> Self {
        let mut index: HashMap<String, usize> = HashMap::new();
        let mut design = Self {
            fixed_s: form.fixed_s,
            points,
            keys: Vec::new(),
            names: Vec::new(),
            mean: Vec::new(),
            sigma: Vec::new(),
            is_free: Vec::new(),
            error: 0.08,
            freedom: NU,
        };
        let mut key = String::new();
        for facts in facts {
            let mut keys = Vec::new();
            for (number, effect) in form.effects.iter().enumerate() {
                if !effect.key(facts, &mut key) {
                    continue;
                }
                let parameter = *index.entry(key.clone()).or_insert_with(|| {
                    design.names.push((number, key.clone()));
                    design.mean.push(effect.prior.mean);
                    design.sigma.push(effect.prior.sigma);
                    design.is_free.push(effect.prior.is_free);
                    design.names.len() - 1
                });
                keys.push((parameter, effect.term as usize));
            }
            design.keys.push(keys);
        }
        design
    }

    /// Values that are believed before any measurement.
    pub fn prior(&self) -> Vec<f64> {
        self.mean.clone()
    }

    /// Logarithm of a point's predicted seconds, and its slope along effects on each term, the whole last: the
    /// term's share, as far as they count.
    pub fn predict(&self, values: &[f64], point: usize) -> (f64, [f64; TERMS + 1]) {
        let mut sums = [0.0; TERMS + 1];
        for &(parameter, term) in &self.keys[point] {
            sums[term] += values[parameter];
        }
        let strength = &self.points[point].strength;
        for (sum, strength) in sums.iter_mut().zip(strength) {
            *sum *= strength;
        }
        let mut shares = [0.0; TERMS + 1];
        let mut total = self.fixed_s;
        for term in 0..TERMS {
            shares[term] = self.points[point].seconds[term] * sums[term].exp();
            total += shares[term];
        }
        for share in &mut shares[..TERMS] {
            *share /= total;
        }
        shares[TERMS] = 1.0;
        for (share, strength) in shares.iter_mut().zip(strength) {
            *share *= strength;
        }
        (total.ln() + sums[TERMS], shares)
    }

    /// Logarithm of measured over predicted rate.
    pub fn residual(&self, values: &[f64], point: usize) -> f64 {
        self.predict(values, point).0 - self.points[point].measured
    }

    /// Logarithm of the seconds of a point that were measured.
    pub fn measured(&self, point: usize) -> f64 {
        self.points[point].measured
    }

    /// How many points there are.
    pub fn points(&self) -> usize {
        self.points.len()
    }

    /// A point's weight.
    pub fn weight(&self, point: usize) -> f64 {
        self.points[point].weight
    }

    /// The linearized problem at `values` over `among`: rows of the Jacobian, weights, errors.
    fn linear(&self, values: &[f64], among: &[usize]) -> Vec<Equation> {
        among
            .iter()
            .map(|&point| {
                let (predicted, shares) = self.predict(values, point);
                let error = self.points[point].measured - predicted;
                let weight = self.points[point].weight * (self.freedom + 1.0)
                    / (self.freedom + (error / self.error).powi(2))
                    / (self.error * self.error);
                let row = self.keys[point].iter().map(|&(p, term)| (p, shares[term])).collect();
                (row, weight, error)
            })
            .collect()
    }

    /// Values that fit `among` best, from `start`; `steps` at most.
    pub fn fit(&self, among: &[usize], start: &[f64], steps: usize) -> Vec<f64> {
        let mut values = start.to_vec();
        for _ in 0..steps {
            let rows = self.linear(&values, among);
            let mut gradient: Vec<f64> = (0..values.len())
                .map(|p| -(values[p] - self.mean[p]) / (self.sigma[p] * self.sigma[p]))
                .collect();
            for (row, weight, error) in &rows {
                for &(parameter, slope) in row {
                    gradient[parameter] += weight * slope * error;
                }
            }
            let change = self.solve(&rows, &gradient);
            let mut largest = 0.0_f64;
            for (value, change) in values.iter_mut().zip(&change) {
                let change = change.clamp(-STEP, STEP);
                *value += change;
                largest = largest.max(change.abs());
            }
            if largest < 1e-7 {
                break;
            }
        }
        values
    }

    /// Solves the normal equations by conjugate gradients, which the priors keep well conditioned.
    fn solve(&self, rows: &[Equation], right: &[f64]) -> Vec<f64> {
        let n = right.len();
        let mut diagonal: Vec<f64> = self.sigma.iter().map(|sigma| 1.0 / (sigma * sigma)).collect();
        for (row, weight, _) in rows {
            for &(parameter, slope) in row {
                diagonal[parameter] += weight * slope * slope;
            }
        }
        let times = |vector: &[f64]| {
            let mut product: Vec<f64> =
                vector.iter().zip(&self.sigma).map(|(v, sigma)| v / (sigma * sigma)).collect();
            for (row, weight, _) in rows {
                let along: f64 = row.iter().map(|&(p, slope)| slope * vector[p]).sum();
                for &(parameter, slope) in row {
                    product[parameter] += weight * slope * along;
                }
            }
            product
        };
        let dot = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
        let mut solution = vec![0.0; n];
        let mut rest = right.to_vec();
        let mut scaled: Vec<f64> = rest.iter().zip(&diagonal).map(|(r, d)| r / d).collect();
        let mut direction = scaled.clone();
        let mut size = dot(&rest, &scaled);
        let goal = size * 1e-18;
        for _ in 0..4 * n {
            if size <= goal {
                break;
            }
            let product = times(&direction);
            let step = size / dot(&direction, &product);
            for i in 0..n {
                solution[i] += step * direction[i];
                rest[i] -= step * product[i];
                scaled[i] = rest[i] / diagonal[i];
            }
            let next = dot(&rest, &scaled);
            let turn = next / size;
            for i in 0..n {
                direction[i] = scaled[i] + turn * direction[i];
            }
            size = next;
        }
        solution
    }

    /// Variances of the values at `values`: the diagonal of the inverse of the normal matrix.
    fn variances(&self, values: &[f64]) -> Vec<f64> {
        let n = values.len();
        let all: Vec<usize> = (0..self.points.len()).collect();
        let mut matrix = vec![0.0; n * n];
        for (p, sigma) in self.sigma.iter().enumerate() {
            matrix[p * n + p] = 1.0 / (sigma * sigma);
        }
        for (row, weight, _) in self.linear(values, &all) {
            for &(a, slope_a) in &row {
                for &(b, slope_b) in &row {
                    matrix[a * n + b] += weight * slope_a * slope_b;
                }
            }
        }
        // Cholesky, row by row.
        for i in 0..n {
            let (above, current) = matrix.split_at_mut(i * n);
            for j in 0..i {
                let row_j = &above[j * n..j * n + j];
                let sum: f64 = row_j.iter().zip(&current[..j]).map(|(a, b)| a * b).sum();
                current[j] = (current[j] - sum) / above[j * n + j];
            }
            let sum: f64 = current[..i].iter().map(|v| v * v).sum();
            current[i] = (current[i] - sum).max(1e-12).sqrt();
        }
        // The inverse of the triangle, column by column; a variance is the length of its column.
        let mut variances = vec![0.0; n];
        let mut column = vec![0.0; n];
        for (start, variance) in variances.iter_mut().enumerate() {
            column[start] = 1.0 / matrix[start * n + start];
            *variance = column[start] * column[start];
            for i in start + 1..n {
                let row = &matrix[i * n..(i + 1) * n];
                let sum: f64 = row[start..i].iter().zip(&column[start..i]).map(|(a, b)| a * b).sum();
                column[i] = -sum / row[i];
                *variance += column[i] * column[i];
            }
        }
        variances
    }

    /// The deviations under which `values` are most likely: of the errors, and of each effect.
    fn deviations(&self, values: &[f64]) -> (f64, Vec<f64>) {
        let mut errors: Vec<(f64, f64)> =
            (0..self.points.len()).map(|i| (self.residual(values, i).abs(), self.weight(i))).collect();
        let error = (1.4826 * super::stats::quantile(&mut errors, 0.5)).max(LEAST_ERROR);
        let variances = self.variances(values);
        let effects = self.names.iter().map(|(effect, _)| effect + 1).max().unwrap_or(0);
        let mut sums = vec![(0.0, 0_usize); effects];
        for (parameter, (effect, _)) in self.names.iter().enumerate() {
            let off = values[parameter] - self.mean[parameter];
            sums[*effect].0 += off * off + variances[parameter];
            sums[*effect].1 += 1;
        }
        let sigma = self.names.iter().enumerate().map(|(parameter, (effect, _))| {
            let (sum, count) = sums[*effect];
            if self.is_free[parameter] && count >= FEWEST_VALUES {
                (sum / count as f64).sqrt().clamp(SIGMAS.0, SIGMAS.1)
            } else {
                self.sigma[parameter]
            }
        });
        (error, sigma.collect())
    }

    /// Fits everything, deviations too, in `rounds`.
    pub fn learn(&mut self, rounds: usize) -> Vec<f64> {
        let all: Vec<usize> = (0..self.points.len()).collect();
        let mut values = self.prior();
        for round in 0..rounds {
            values = self.fit(&all, &values, if round == 0 { 12 } else { 4 });
            let (error, sigma) = self.deviations(&values);
            self.error = error;
            self.sigma = sigma;
        }
        self.fit(&all, &values, 30)
    }
}
