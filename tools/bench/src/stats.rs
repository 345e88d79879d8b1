//! Statistics of measurements.

#[cfg(feature = "functions")]
use std::time::Duration;

/// Computes the median; NaN of no values.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let sorted = sorted(values);
    match sorted.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => sorted[odd / 2],
        even => f64::midpoint(sorted[even / 2 - 1], sorted[even / 2]),
    }
}

/// Computes a percentile: the smallest value that at least `percent` of all values do not exceed.
/// NaN of no values.
#[cfg(feature = "functions")]
pub(crate) fn percentile(percent: usize, values: impl IntoIterator<Item = f64>) -> f64 {
    let sorted = sorted(values);
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted
        .get(rank.saturating_sub(1))
        .copied()
        .unwrap_or(f64::NAN)
}

#[cfg(feature = "functions")]
pub(crate) fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn sorted(values: impl IntoIterator<Item = f64>) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    sorted
}

#[cfg(test)]
mod tests {
    use super::{median, percentile};

    #[test]
    fn the_median_is_the_middle_or_the_mean_of_the_two_in_the_middle() {
        assert!((median([3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median([4.0, 1.0, 2.0, 9.0]) - 3.0).abs() < f64::EPSILON);
        assert!(median([]).is_nan());
    }

    #[test]
    fn a_percentile_is_one_of_the_values() {
        let values = || (1..=200).map(f64::from);
        assert!((percentile(99, values()) - 198.0).abs() < f64::EPSILON);
        assert!((percentile(50, values()) - 100.0).abs() < f64::EPSILON);
        assert!((percentile(100, [5.0]) - 5.0).abs() < f64::EPSILON);
        assert!(percentile(99, []).is_nan());
    }
}
