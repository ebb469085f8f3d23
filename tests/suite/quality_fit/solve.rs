//! Least squares by normal equations: a handful of unknowns, a few hundred rows.

/// The coefficients that minimise `Σ weight · (target − features · coefficients)²`.
pub fn least_squares(rows: &[(Vec<f64>, f64, f64)]) -> Vec<f64> {
    let n = rows[0].0.len();
    let mut matrix = vec![vec![0.0; n + 1]; n];
    for (features, target, weight) in rows {
        for i in 0..n {
            for j in 0..n {
                matrix[i][j] += weight * features[i] * features[j];
            }
            matrix[i][n] += weight * features[i] * target;
        }
    }
    for pivot in 0..n {
        let best =
            (pivot..n).max_by(|a, b| matrix[*a][pivot].abs().total_cmp(&matrix[*b][pivot].abs())).unwrap();
        matrix.swap(pivot, best);
        let row = matrix[pivot].clone();
        for (i, other) in matrix.iter_mut().enumerate() {
            if i != pivot {
                let factor = other[pivot] / row[pivot];
                other.iter_mut().zip(&row).for_each(|(value, of_pivot)| *value -= factor * of_pivot);
            }
        }
    }
    (0..n).map(|i| matrix[i][n] / matrix[i][i]).collect()
}

pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Root of the mean square.
pub fn rms(values: &[f64]) -> f64 {
    mean(&values.iter().map(|value| value * value).collect::<Vec<_>>()).sqrt()
}

/// Standard deviation around the mean.
pub fn sd(values: &[f64]) -> f64 {
    let centre = mean(values);
    rms(&values.iter().map(|value| value - centre).collect::<Vec<_>>())
}

#[test]
fn a_plane_is_found_again() {
    let rows: Vec<(Vec<f64>, f64, f64)> = (0..9)
        .map(|i| (f64::from(i % 3), f64::from(i / 3)))
        .map(|(x, y)| (vec![1.0, x, y], 2.0 - 3.0 * x + 0.5 * y, 1.0 + x))
        .collect();
    let found = least_squares(&rows);
    for (found, expected) in found.iter().zip([2.0, -3.0, 0.5]) {
        assert!((found - expected).abs() < 1e-9);
    }
    assert_eq!((mean(&[1.0, 3.0]), sd(&[1.0, 3.0]), rms(&[3.0, -3.0])), (2.0, 1.0, 3.0));
}
