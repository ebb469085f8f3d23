//! Linear regression with deviations that publishers and models share (a Gaussian mixed model), by the matrices
//! themselves: a few dozen rows.

/// One score: the features that it is explained by, and who it is of.
#[derive(Clone, Debug)]
pub struct Row {
    pub features: Vec<f64>,
    pub target: f64,
    pub publisher: String,
    pub model: String,
}

/// Standard deviations of what publishers, models and single scores deviate by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    pub publisher: f64,
    pub model: f64,
    pub score: f64,
}

/// A regression that was fitted.
#[derive(Clone, Debug)]
pub struct Regression {
    pub coefficients: Vec<f64>,
    /// Restricted log-likelihood, up to a constant.
    pub likelihood: f64,
    spread: Spread,
    rows: Vec<Row>,
    /// Residuals, weighted by the inverse of their covariance.
    weighted: Vec<f64>,
}

impl Regression {
    /// Generalized least squares under deviations of this spread.
    pub fn fit(rows: &[Row], spread: Spread) -> Self {
        let covariance: Vec<Vec<f64>> = rows
            .iter()
            .enumerate()
            .map(|(i, a)| {
                let own = |j: usize| if i == j { spread.score * spread.score } else { 0.0 };
                rows.iter().enumerate().map(|(j, b)| shared(a, b, spread) + own(j)).collect()
            })
            .collect();
        let root = Cholesky::of(covariance);
        let width = rows[0].features.len();
        let column = |k: usize| rows.iter().map(|row| row.features[k]).collect::<Vec<f64>>();
        let columns: Vec<Vec<f64>> = (0..width).map(column).collect();
        let solved: Vec<Vec<f64>> = columns.iter().map(|column| root.solve(column)).collect();
        let target: Vec<f64> = rows.iter().map(|row| row.target).collect();
        let normal: Vec<Vec<f64>> =
            columns.iter().map(|a| solved.iter().map(|b| dot(a, b)).collect()).collect();
        let right: Vec<f64> = solved.iter().map(|column| dot(column, &target)).collect();
        let normal = Cholesky::of(normal);
        let coefficients = normal.solve(&right);
        let residuals: Vec<f64> =
            rows.iter().map(|row| row.target - dot(&row.features, &coefficients)).collect();
        let weighted = root.solve(&residuals);
        let likelihood =
            -0.5 * (root.ln_determinant() + dot(&residuals, &weighted) + normal.ln_determinant());
        Self { coefficients, likelihood, spread, rows: rows.to_vec(), weighted }
    }

    /// What a publisher deviates by.
    pub fn publisher(&self, publisher: &str) -> f64 {
        self.spread.publisher.powi(2) * self.sum(|row| row.publisher == publisher)
    }

    /// What a model deviates by, beyond its publisher.
    pub fn model(&self, model: &str) -> f64 {
        self.spread.model.powi(2) * self.sum(|row| row.model == model)
    }

    /// The score that is expected of a row, which need not be among those that were fitted.
    pub fn predict(&self, row: &Row) -> f64 {
        dot(&row.features, &self.coefficients) + self.publisher(&row.publisher) + self.model(&row.model)
    }

    fn sum(&self, is_of: impl Fn(&Row) -> bool) -> f64 {
        self.rows.iter().zip(&self.weighted).filter(|(row, _)| is_of(row)).map(|(_, weight)| weight).sum()
    }
}

/// Covariance of two scores through what they share.
fn shared(a: &Row, b: &Row, spread: Spread) -> f64 {
    let publisher = if a.publisher == b.publisher { spread.publisher.powi(2) } else { 0.0 };
    publisher + if a.model == b.model { spread.model.powi(2) } else { 0.0 }
}

pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The lower triangle whose square a positive definite matrix is.
struct Cholesky(Vec<Vec<f64>>);

impl Cholesky {
    fn of(mut matrix: Vec<Vec<f64>>) -> Self {
        for i in 0..matrix.len() {
            for j in 0..=i {
                let known = dot(&matrix[i][..j], &matrix[j][..j]);
                let rest = matrix[i][j] - known;
                matrix[i][j] = if i == j { rest.max(f64::MIN_POSITIVE).sqrt() } else { rest / matrix[j][j] };
            }
            matrix[i].truncate(i + 1);
        }
        Self(matrix)
    }

    fn solve(&self, right: &[f64]) -> Vec<f64> {
        let mut x = right.to_vec();
        for i in 0..x.len() {
            x[i] = (x[i] - dot(&self.0[i][..i], &x[..i])) / self.0[i][i];
        }
        for i in (0..x.len()).rev() {
            let known: f64 = (i + 1..x.len()).map(|j| self.0[j][i] * x[j]).sum();
            x[i] = (x[i] - known) / self.0[i][i];
        }
        x
    }

    fn ln_determinant(&self) -> f64 {
        2.0 * self.0.iter().enumerate().map(|(i, row)| row[i].ln()).sum::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(x: f64, target: f64, publisher: &str, model: &str) -> Row {
        Row { features: vec![1.0, x], target, publisher: publisher.to_owned(), model: model.to_owned() }
    }

    #[test]
    fn without_deviations_it_is_a_line() {
        let rows = [row(0.0, 1.0, "a", "1"), row(1.0, 3.0, "b", "2"), row(2.0, 5.0, "c", "3")];
        let fitted = Regression::fit(&rows, Spread { publisher: 0.0, model: 0.0, score: 0.1 });
        assert!((fitted.coefficients[0] - 1.0).abs() < 1e-9 && (fitted.coefficients[1] - 2.0).abs() < 1e-9);
        assert!((fitted.predict(&row(3.0, 0.0, "d", "4")) - 7.0).abs() < 1e-9);
    }

    #[test]
    fn deviations_are_drawn_towards_nothing() {
        // Four scores of one constant: a's are 2 above b's. Half of the variance is the publishers'.
        let mut rows = vec![row(0.0, 1.0, "a", "1"), row(0.0, -1.0, "b", "2")];
        for row in &mut rows {
            row.features.truncate(1);
        }
        let fitted = Regression::fit(&rows, Spread { publisher: 1.0, model: 0.0, score: 1.0 });
        assert!((fitted.publisher("a") - 0.5).abs() < 1e-9 && (fitted.publisher("b") + 0.5).abs() < 1e-9);
        assert_eq!((fitted.publisher("c"), fitted.model("1")), (0.0, 0.0));
    }
}
