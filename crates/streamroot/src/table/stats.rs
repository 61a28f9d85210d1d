//! The statistics of the notebooks, on aggregates: intervals for shares and means, standardisation, association.

/// The 97.5 % quantile of the normal distribution: what a two-sided interval of 95 % reaches to either side.
pub(crate) const Z: f64 = 1.959_963_984_540_054;

/// Wilson's interval of 95 % for a share of which `hits` of `n` were seen; `None` without observations.
///
/// E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22 (1927).
pub(crate) fn wilson(hits: f64, n: f64) -> Option<(f64, f64)> {
    if n <= 0.0 {
        return None;
    }
    let (p, z2) = (hits / n, Z * Z);
    let centre = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z / (1.0 + z2 / n) * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    Some(((centre - half).max(0.0), (centre + half).min(1.0)))
}

/// What is known of a group's values: how many, their mean and their variance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Moments {
    pub n: f64,
    pub mean: f64,
    pub variance: f64,
}

/// A mean with the squared standard error of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Estimate {
    pub mean: f64,
    pub error2: f64,
}

impl Estimate {
    /// The normal interval of 95 %.
    pub(crate) fn interval(self) -> (f64, f64) {
        let half = Z * self.error2.max(0.0).sqrt();
        (self.mean - half, self.mean + half)
    }

    pub(crate) fn minus(self, other: Estimate) -> Estimate {
        Estimate { mean: self.mean - other.mean, error2: self.error2 + other.error2 }
    }
}

/// The mean of all values of several strata.
pub(crate) fn pooled(strata: &[Moments]) -> Option<Estimate> {
    let n: f64 = strata.iter().map(|s| s.n).sum();
    if n <= 0.0 {
        return None;
    }
    let strata = || strata.iter().filter(|s| s.n > 0.0);
    let mean = strata().map(|s| s.n * s.mean).sum::<f64>() / n;
    // The squares within the strata and between them.
    let squares: f64 = strata().map(|s| (s.n - 1.0) * s.variance + s.n * (s.mean - mean).powi(2)).sum();
    Some(Estimate { mean, error2: squares / (n - 1.0).max(1.0) / n })
}

/// The mean that a group would have with another mix of strata: direct standardisation, with `weights` that need not sum
/// to 1. `None` when a stratum with weight has no values in the group.
pub(crate) fn standardised(strata: &[Moments], weights: &[f64]) -> Option<Estimate> {
    let sum: f64 = weights.iter().sum();
    let mut estimate = Estimate { mean: 0.0, error2: 0.0 };
    for (stratum, weight) in strata.iter().zip(weights).filter(|(_, weight)| **weight > 0.0) {
        if stratum.n <= 0.0 {
            return None;
        }
        let weight = weight / sum;
        estimate.mean += weight * stratum.mean;
        estimate.error2 += weight * weight * stratum.variance / stratum.n;
    }
    (sum > 0.0).then_some(estimate)
}

/// A quantile, `part` from 0 to 1, interpolated linearly between the values next to it; `None` without values.
pub(crate) fn quantile(values: &[f64], part: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = part * sorted.len().checked_sub(1)? as f64;
    let (below, above) = (sorted.get(place.floor() as usize)?, sorted.get(place.ceil() as usize)?);
    Some(below + (above - below) * place.fract())
}

/// Pearson's correlation of pairs, with Fisher's interval of 95 %; `None` for fewer than four pairs or without spread.
pub(crate) fn correlation(pairs: &[(f64, f64)]) -> Option<(f64, (f64, f64))> {
    let n = pairs.len() as f64;
    if pairs.len() < 4 {
        return None;
    }
    let mean = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / n;
    let (mean_x, mean_y) = (mean(|p| p.0), mean(|p| p.1));
    let sum = |of: &dyn Fn(f64, f64) -> f64| pairs.iter().map(|p| of(p.0 - mean_x, p.1 - mean_y)).sum::<f64>();
    let r = sum(&|x, y| x * y) / (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt();
    let half = Z / (n - 3.0).sqrt();
    r.is_finite().then(|| (r, ((r.atanh() - half).tanh(), (r.atanh() + half).tanh())))
}

/// Cramér's V of a table of counts, row by row: 0 when rows and columns are independent, 1 when one decides the other.
/// `None` unless at least two rows and two columns have counts.
///
/// H. Cramér, "Mathematical Methods of Statistics" (1946), without a correction for bias.
pub(crate) fn cramers_v(counts: &[Vec<f64>]) -> Option<f64> {
    let rows: Vec<f64> = counts.iter().map(|row| row.iter().sum()).collect();
    let width = counts.first().map_or(0, Vec::len);
    let columns: Vec<f64> = (0..width).map(|j| counts.iter().map(|row| row[j]).sum()).collect();
    let n: f64 = rows.iter().sum();
    let mut chi2 = 0.0;
    for (row, row_sum) in counts.iter().zip(&rows) {
        for (count, column_sum) in row.iter().zip(&columns) {
            let expected = row_sum * column_sum / n;
            if expected > 0.0 {
                chi2 += (count - expected).powi(2) / expected;
            }
        }
    }
    let used = |sums: &[f64]| sums.iter().filter(|sum| **sum > 0.0).count();
    let smaller = used(&rows).min(used(&columns));
    (smaller >= 2).then(|| (chi2 / (n * (smaller - 1) as f64)).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-9 * b.abs().max(1.0)
    }

    /// statsmodels 0.15.0: `proportion_confint(hits, n, method="wilson")`.
    #[test]
    fn wilson_agrees_with_statsmodels() {
        for (hits, n, low, high) in [
            (0.0, 10.0, 0.0, 0.27753279986288926),
            (10.0, 10.0, 0.7224672001371106, 1.0),
            (3.0, 20.0, 0.052368745896216595, 0.36041886474075696),
            (189_917.0, 534_954.0, 0.35373432102245417, 0.35629890406872233),
            (1.0, 1.0, 0.2065493143772374, 1.0),
        ] {
            let (ours_low, ours_high) = wilson(hits, n).unwrap();
            assert!(close(ours_low, low) && close(ours_high, high), "{hits} of {n}: {ours_low} to {ours_high}");
        }
        assert_eq!(wilson(0.0, 0.0), None);
    }

    /// scipy 1.17.1: `stats.contingency.association(table, method="cramer")`, empty rows and columns taken out.
    #[test]
    fn cramers_v_agrees_with_scipy() {
        for (table, v) in [
            (vec![vec![10.0, 20.0], vec![30.0, 5.0]], 0.5367450401216932),
            (vec![vec![100.0, 200.0, 50.0], vec![30.0, 40.0, 60.0]], 0.34233098283077795),
            (vec![vec![10.0, 10.0], vec![10.0, 10.0]], 0.0),
            (vec![vec![7.0, 0.0, 3.0], vec![0.0, 0.0, 0.0], vec![1.0, 0.0, 9.0]], 0.6123724356957945),
        ] {
            let ours = cramers_v(&table).unwrap();
            assert!(close(ours, v), "{table:?}: {ours} instead of {v}");
        }
        assert_eq!(cramers_v(&[vec![3.0, 4.0]]), None);
        assert_eq!(cramers_v(&[]), None);
    }

    /// numpy 2: `quantile(values, part)`; scipy 1.17.1: `stats.pearsonr(x, y)` and its `confidence_interval()`.
    #[test]
    fn quantiles_and_correlations_agree_with_numpy_and_scipy() {
        for (part, value) in [(0.0, 1.0), (0.9, 6.8), (0.5, 3.0), (0.25, 1.75), (1.0, 8.0)] {
            assert!(close(quantile(&[4.0, 1.0, 8.0, 2.0], part).unwrap(), value), "{part}");
        }
        assert_eq!(quantile(&[], 0.5), None);
        let pairs = [(1.0, 2.0), (2.0, 1.0), (3.0, 4.0), (4.0, 3.0), (5.0, 7.0)];
        let (r, (low, high)) = correlation(&pairs).unwrap();
        assert!(
            close(r, 0.824163383692134) && close(low, -0.2129343655851338) && close(high, 0.9880137261479831),
            "{r} {low} {high}"
        );
        assert_eq!(correlation(&pairs[..3]), None);
    }

    /// The strata [1, 2, 4, 8] and [10, 11, 15] weighted 0.3 and 0.7: mean, variance and interval from numpy and
    /// `scipy.stats.norm.interval`.
    #[test]
    fn standardisation_agrees_with_numpy_and_scipy() {
        let strata = [
            Moments { n: 4.0, mean: 3.75, variance: 9.583333333333334 },
            Moments { n: 3.0, mean: 12.0, variance: 7.0 },
        ];
        let estimate = standardised(&strata, &[3.0, 7.0]).unwrap();
        assert!(close(estimate.mean, 9.524999999999999));
        let (low, high) = estimate.interval();
        assert!(close(low, 7.240184367057349) && close(high, 11.809815632942648), "{low} to {high}");
        // numpy: the seven values' mean, and their variance with ddof=1 over 7.
        let all = pooled(&strata).unwrap();
        assert!(close(all.mean, 7.285714285714286) && close(all.error2, 3.7959183673469385), "{all:?}");
        let empty = Moments { n: 0.0, mean: f64::NAN, variance: f64::NAN };
        assert_eq!(standardised(&[strata[0], empty], &[1.0, 1.0]), None);
        assert_eq!(standardised(&[strata[0], empty], &[1.0, 0.0]).map(|e| e.mean), Some(3.75));
    }
}
