//! Random numbers of a run, which its seed determines.

use std::time::Duration;

use fastrand::Rng;

/// A seeded source of the model's distributions.
#[derive(Clone, Debug)]
pub(crate) struct Random(Rng);

impl Random {
    pub(crate) fn with_seed(seed: u64) -> Self {
        Self(Rng::with_seed(seed))
    }

    /// Returns a number from 0 to below 1.
    pub(crate) fn share(&mut self) -> f64 {
        self.0.f64()
    }

    /// Returns a user's number.
    pub(crate) fn user(&mut self, users: u32) -> u32 {
        self.0.u32(..users)
    }

    /// Returns a time from zero to below `longest`.
    pub(crate) fn up_to(&mut self, longest: Duration) -> Duration {
        longest.mul_f64(self.share())
    }

    /// Returns a time that is log-normal around its median.
    pub(crate) fn around(&mut self, median: Duration, spread: f64) -> Duration {
        if spread == 0.0 {
            return median;
        }
        median.mul_f64((spread * self.normal()).exp())
    }

    /// Returns a Poisson number.
    pub(crate) fn poisson(&mut self, mean: f64) -> u32 {
        if mean > 50.0 {
            return rounded(mean + mean.sqrt() * self.normal());
        }
        let (floor, mut product, mut number) = ((-mean).exp(), self.share(), 0);
        while product > floor {
            product *= self.share();
            number += 1;
        }
        number
    }

    /// Box and Muller's transform.
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.share()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.share()).cos()
    }
}

/// Rounds to a count; what is negative or not a number is zero.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates"
)]
pub(crate) fn rounded(number: f64) -> u32 {
    number.round() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn poisson_numbers_have_their_mean() {
        for mean in [0.3, 7.0, 400.0] {
            let mut random = Random::with_seed(1);
            let total: f64 = (0..4_000).map(|_| f64::from(random.poisson(mean))).sum();
            assert!((total / 4_000.0 / mean - 1.0).abs() < 0.05, "{mean}");
        }
    }

    #[test]
    fn half_of_the_times_are_below_their_median() {
        let mut random = Random::with_seed(1);
        let median = Duration::from_millis(30);
        let below = (0..4_000).filter(|_| random.around(median, 0.25) < median);
        assert!((1_850..2_150).contains(&below.count()));
    }
}
