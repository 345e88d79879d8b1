//! Transfer functions of HDR (ITU-R BT.2100), and what they mean on a screen without it.

/// Luminance of white in an SDR image, in cd/m² (ITU-R BT.2408).
pub(crate) const SDR_WHITE: f32 = 203.0;

/// Peak luminance that is assumed of an HDR image, in cd/m².
pub(crate) const HDR_PEAK: f32 = 1_000.0;

/// Luminance of the highest PQ signal, in cd/m².
pub(crate) const PQ_MAXIMUM: f32 = 10_000.0;

/// Returns the light of a PQ signal, where 1 is [`PQ_MAXIMUM`].
pub(crate) fn pq(signal: f32) -> f32 {
    const M1: f32 = 2_610.0 / 16_384.0;
    const M2: f32 = 2_523.0 / 32.0;
    const C1: f32 = 3_424.0 / 4_096.0;
    const C2: f32 = 2_413.0 / 128.0;
    const C3: f32 = 2_392.0 / 128.0;
    let power = signal.powf(1.0 / M2);
    ((power - C1).max(0.0) / (C2 - C3 * power)).powf(1.0 / M1)
}

/// Returns the light of the scene of an HLG signal, from 0 to 1.
pub(crate) fn hlg(signal: f32) -> f32 {
    const A: f32 = 0.178_832_77;
    const B: f32 = 0.284_668_92;
    const C: f32 = 0.559_910_7;
    if signal <= 0.5 {
        signal * signal / 3.0
    } else {
        (((signal - C) / A).exp() + B) / 12.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Signals of luminances in cd/m² (ITU-R BT.2408, table 1, and BT.2100).
    #[test]
    fn signals_are_the_light_that_the_standard_says() {
        for (signal, nits) in [(0.0, 0.0), (0.508, 100.0), (0.581, 203.0), (0.752, 1_000.0)] {
            let found = pq(signal) * PQ_MAXIMUM;
            assert!((found - nits).abs() <= nits * 0.02, "{signal}: {found}");
        }
        for (signal, light) in [(0.0, 0.0), (0.5, 1.0 / 12.0), (0.75, 0.265), (1.0, 1.0)] {
            let found = hlg(signal);
            assert!((found - light).abs() < 0.001, "{signal}: {found}");
        }
    }
}
