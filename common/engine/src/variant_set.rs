//! Versions of variant sets, by which a record states which variants were made for it.

use std::fmt;

use media::variant_format::VariantFormat;

use crate::{Size, VariantSpec};

/// Revision of the engine's output. Incremented when the engine makes other files from the same
/// specification, and old ones should be generated again.
const REVISION: u32 = 1;

/// The files that a recipe makes, regardless of its order and spelling: two recipes that make the
/// same files have the same set.
///
/// Limits are not part of it: they decide whether an image is generated, not how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariantSet {
    version: String,
    variants: Vec<(String, VariantFormat)>,
}

impl VariantSet {
    /// Creates the set of these variants, where `jpeg_quality` is that of every lossy one without a
    /// quality of its own.
    pub fn new(variants: &[VariantSpec], jpeg_quality: u8) -> Self {
        let mut lines: Vec<String> = variants
            .iter()
            .map(|spec| canonical(spec, jpeg_quality))
            .collect();
        lines.sort();
        Self {
            version: format!("{REVISION}-{:016x}", fnv1a(lines.join(",").as_bytes())),
            variants: variants
                .iter()
                .map(|spec| (spec.name.clone(), spec.format))
                .collect(),
        }
    }

    /// Returns the version, as stored in records: the engine's revision and 16 hexadecimal digits.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Whether these are the names and formats of the set, in any order.
    pub fn is_made_of<'a>(
        &self,
        variants: impl ExactSizeIterator<Item = (&'a str, VariantFormat)>,
    ) -> bool {
        let has = |(name, format)| {
            self.variants
                .iter()
                .any(|(known, as_format)| known == name && *as_format == format)
        };
        variants.len() == self.variants.len() && variants.into_iter().all(has)
    }
}

impl fmt::Display for VariantSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.version)
    }
}

fn canonical(spec: &VariantSpec, jpeg_quality: u8) -> String {
    let size = match spec.size {
        Size::Inside { max_edge } => max_edge.to_string(),
        Size::Cover { width, height } => format!("{width}x{height}"),
    };
    let quality = match spec.format {
        VariantFormat::Png => 0,
        _ => spec.quality.unwrap_or(jpeg_quality),
    };
    format!("{}:{size}:{}:{quality}", spec.name, spec.format.name())
}

/// Computes the 64-bit FNV-1a hash. It must never change, which the standard library's hashers do
/// not guarantee. Collisions are no security risk.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(variants: &str, quality: u8) -> String {
        let variants = VariantSpec::parse_list(variants).unwrap();
        VariantSet::new(&variants, quality).version().to_owned()
    }

    #[test]
    fn the_hash_is_fnv_1a() {
        // From the algorithm's published test vectors.
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn the_version_in_existing_records_stays_valid() {
        assert_eq!(
            version("small:160,medium:512,large:1024", 80),
            "1-6b0c8b4397a07b3c"
        );
    }

    #[test]
    fn what_makes_the_same_files_is_the_same_set() {
        let set = version("small:160,large:1024", 80);
        for (variants, quality) in [
            ("large:1024,small:160", 80),
            ("small:160:jpeg,large:1024:jpeg:80", 80),
            ("small:160:jpeg:80,large:1024:jpeg:80", 33),
        ] {
            assert_eq!(version(variants, quality), set, "{variants}");
        }
        assert_eq!(version("a:10:png", 80), version("a:10:png", 70));
    }

    #[test]
    fn what_makes_other_files_is_another_set() {
        let set = version("small:160,large:1024", 80);
        for (variants, quality) in [
            ("small:161,large:1024", 80),
            ("tiny:160,large:1024", 80),
            ("small:160:webp,large:1024", 80),
            ("small:160x160,large:1024", 80),
            ("small:160", 80),
            ("small:160,large:1024", 81),
            ("small:160:jpeg:81,large:1024", 80),
        ] {
            assert_ne!(version(variants, quality), set, "{variants}");
        }
    }

    #[test]
    fn a_set_is_made_of_its_variants_and_no_others() {
        let set = VariantSet::new(&VariantSpec::parse_list("a:10,b:20:webp").unwrap(), 80);
        let [a, b] = [("a", VariantFormat::Jpeg), ("b", VariantFormat::WebP)];
        assert!(set.is_made_of([b, a].into_iter()));
        assert!(!set.is_made_of([a].into_iter()));
        assert!(!set.is_made_of([a, b, ("c", VariantFormat::Png)].into_iter()));
        assert!(!set.is_made_of([a, ("b", VariantFormat::Jpeg)].into_iter()));
        assert!(!set.is_made_of([].into_iter()));
    }
}
