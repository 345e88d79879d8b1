//! The place at which a photo was taken.

/// A millionth of a degree, which is at most 11 cm.
const MICROS: f64 = 1e6;

/// A position on the earth, to a millionth of a degree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    latitude_micros: i32,
    longitude_micros: i32,
}

impl Location {
    /// Creates a position of degrees, north and east positive. `None` for what is no number or
    /// beyond the poles or the date line. 0, 0 is what receivers write that have no position.
    pub fn new(latitude: f64, longitude: f64) -> Option<Self> {
        let location = Self {
            latitude_micros: micros(latitude, 90.0)?,
            longitude_micros: micros(longitude, 180.0)?,
        };
        let is_unset = location.latitude_micros == 0 && location.longitude_micros == 0;
        (!is_unset).then_some(location)
    }

    /// Returns the degrees north of the equator.
    pub fn latitude(self) -> f64 {
        f64::from(self.latitude_micros) / MICROS
    }

    /// Returns the degrees east of Greenwich.
    pub fn longitude(self) -> f64 {
        f64::from(self.longitude_micros) / MICROS
    }
}

fn micros(degrees: f64, most: f64) -> Option<i32> {
    if !(-most..=most).contains(&degrees) {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "180 million fit, and no fraction is left"
    )]
    let micros = (degrees * MICROS).round() as i32;
    Some(micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_keeps_a_millionth_of_a_degree() {
        let location = Location::new(48.858_222_4, -179.999_999_6).unwrap();
        let texts = [
            location.latitude().to_string(),
            location.longitude().to_string(),
        ];
        assert_eq!(texts, ["48.858222", "-180"]);
        assert_eq!(
            Location::new(location.latitude(), location.longitude()),
            Some(location)
        );
    }

    #[test]
    fn what_is_no_position_is_none() {
        for (latitude, longitude) in [
            (f64::NAN, 1.0),
            (1.0, f64::NAN),
            (f64::INFINITY, 1.0),
            (90.000_001, 1.0),
            (1.0, -180.000_001),
            (0.0, 0.0),
            (0.0, -0.0),
        ] {
            assert_eq!(
                Location::new(latitude, longitude),
                None,
                "{latitude} {longitude}"
            );
        }
    }
}
