//! What users do: visits, pages, uploads, on a curve over the day.

use std::time::Duration;

/// Load of the simulated stage.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) users: u32,
    pub(crate) visits_per_user_day: f64,
    pub(crate) pages_per_visit: u32,
    pub(crate) uploads_per_user_day: f64,
    /// Images that the noisy user puts straight into the bucket, and the time in which.
    pub(crate) noisy_images: u32,
    pub(crate) noisy_time: Duration,
    pub(crate) span: Span,
}

/// The simulated part of the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Span {
    /// Whole days, from the hour of the least load.
    Days(u32),
    /// The peak hour, after a linear climb from nothing.
    PeakHour,
}

/// The climb before the peak hour. A real day climbs for twelve hours: this one is harder on what
/// scales with time.
pub(crate) const CLIMB: Duration = Duration::from_mins(30);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
/// How far the load swings around its mean, as a share of it.
const SWING: f64 = 0.9;

impl Load {
    /// Returns the time in which users arrive.
    pub(crate) fn time(&self) -> Duration {
        match self.span {
            Span::Days(days) => DAY * days,
            Span::PeakHour => CLIMB + HOUR,
        }
    }

    /// Returns from when on images count for the percentiles.
    pub(crate) fn counts_from(&self) -> Duration {
        match self.span {
            Span::Days(_) => Duration::ZERO,
            Span::PeakHour => CLIMB,
        }
    }

    /// Returns when the noisy user comes: at the peak, on every day.
    pub(crate) fn noisy_at(&self) -> Vec<Duration> {
        match self.span {
            Span::Days(days) => (0..days).map(|day| DAY * day + DAY / 2).collect(),
            Span::PeakHour => vec![CLIMB + HOUR / 2],
        }
    }

    /// Returns the visits a second.
    pub(crate) fn visits_per_second(&self, now: Duration) -> f64 {
        let mean = f64::from(self.users) * self.visits_per_user_day / DAY.as_secs_f64();
        mean * match self.span {
            Span::Days(_) => {
                let turn = now.as_secs_f64() / DAY.as_secs_f64();
                1.0 - SWING * (std::f64::consts::TAU * turn).cos()
            }
            Span::PeakHour => {
                let climbed = now.as_secs_f64() / CLIMB.as_secs_f64();
                (1.0 + SWING) * climbed.min(1.0)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(span: Span) -> Load {
        Load {
            users: 86_400,
            visits_per_user_day: 1.0,
            pages_per_visit: 3,
            uploads_per_user_day: 1.0,
            noisy_images: 0,
            noisy_time: Duration::ZERO,
            span,
        }
    }

    #[test]
    fn a_day_has_its_visits() {
        let day = load(Span::Days(1));
        let visits: f64 = (0..86_400)
            .map(|second| day.visits_per_second(Duration::from_secs(second)))
            .sum();
        assert!((visits / 86_400.0 - 1.0).abs() < 1e-6, "{visits}");
    }

    #[test]
    fn the_peak_hour_has_the_load_of_the_day_s_peak() {
        let peak = load(Span::Days(1)).visits_per_second(DAY / 2);
        let hour = load(Span::PeakHour);
        assert!((hour.visits_per_second(CLIMB) - peak).abs() < 1e-9);
        assert!((hour.visits_per_second(CLIMB / 2) - peak / 2.0).abs() < 1e-9);
    }
}
