//! Quotas: how much a user may store.

use crate::{
    config::Settings,
    usage::{Usage, UsageItem},
};

/// The share of a limit, in percent, from which the user is warned.
const WARNING_PERCENT: u64 = 80;

/// The stage's quota of a user, which an operator can override for one user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quota {
    max_bytes: Option<u64>,
    max_images: Option<u64>,
}

/// The limits of one user. `None` means no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of all originals.
    pub max_bytes: Option<u64>,
    /// Number of images.
    pub max_images: Option<u64>,
}

impl Quota {
    /// Creates a quota. 0 means no limit.
    pub fn new(max_bytes: u64, max_images: u64) -> Self {
        Self {
            max_bytes: limit(max_bytes),
            max_images: limit(max_images),
        }
    }

    /// Reads the variables. A value that is no number, negative or too large is a recorded problem.
    pub fn read(settings: &mut Settings<impl Fn(&str) -> Option<String>>) -> Self {
        let max_bytes = settings.number("HIKIDASHI_MAX_USER_BYTES");
        let max_images = settings.number("HIKIDASHI_MAX_USER_IMAGES");
        Self::new(max_bytes, max_images)
    }

    /// Whether the stage has quotas. Without, nothing is counted, and overrides have no effect.
    pub fn is_on(&self) -> bool {
        self.max_bytes.is_some() || self.max_images.is_some()
    }

    /// Returns the limits of the user of this item.
    pub fn limits(&self, item: &UsageItem) -> Limits {
        Limits {
            max_bytes: item.max_bytes.map_or(self.max_bytes, limit),
            max_images: item.max_images.map_or(self.max_images, limit),
        }
    }
}

/// 0 means no limit, as in the template's parameters.
fn limit(number: u64) -> Option<u64> {
    (number > 0).then_some(number)
}

impl Limits {
    /// Whether a user with this usage is within the limits.
    pub fn admit(&self, usage: Usage) -> bool {
        let is_within = |used: u64, max: Option<u64>| max.is_none_or(|max| used <= max);
        is_within(usage.bytes, self.max_bytes) && is_within(usage.images, self.max_images)
    }

    /// Whether a user with this usage is to be warned.
    pub fn are_near(&self, usage: Usage) -> bool {
        let is_near = |used: u64, max: Option<u64>| {
            max.is_some_and(|max| {
                u128::from(used) * 100 >= u128::from(max) * u128::from(WARNING_PERCENT)
            })
        };
        is_near(usage.bytes, self.max_bytes) || is_near(usage.images, self.max_images)
    }

    /// Formats usage and limits for a response's header: `bytes=<used>/<max>, images=<used>/<max>`,
    /// with `*` for no limit.
    pub fn header(&self, usage: Usage) -> String {
        let max = |max: Option<u64>| max.map_or_else(|| "*".to_owned(), |max| max.to_string());
        format!(
            "bytes={}/{}, images={}/{}",
            usage.bytes,
            max(self.max_bytes),
            usage.images,
            max(self.max_images)
        )
    }

    /// Says in a sentence what a user has and may have.
    pub fn sentence(&self, usage: Usage) -> String {
        let part = |used: u64, max: Option<u64>, unit: &str| match max {
            Some(max) => format!("{used} of {max} {unit}"),
            None => format!("{used} {unit}"),
        };
        format!(
            "you have used {} and {}",
            part(usage.bytes, self.max_bytes, "bytes"),
            part(usage.images, self.max_images, "images")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USED: Usage = Usage {
        bytes: 80,
        images: 1,
    };

    fn read(bytes: &'static str, images: &'static str) -> Result<Quota, String> {
        let mut settings = Settings::new(move |name| match name {
            "HIKIDASHI_MAX_USER_BYTES" => Some(bytes.to_owned()),
            _ => Some(images.to_owned()),
        });
        let quota = Quota::read(&mut settings);
        let read = settings.finish(|| Some(quota));
        read.map_err(|error| error.to_string())
    }

    #[test]
    fn a_quota_of_0_is_none_and_both_switch_quotas_off() {
        assert!(!read("0", "0").unwrap().is_on());
        let images_only = read("0", "7").unwrap();
        assert!(images_only.is_on());
        let limits = images_only.limits(&UsageItem::default());
        assert_eq!((limits.max_bytes, limits.max_images), (None, Some(7)));
    }

    #[test]
    fn what_is_no_number_is_told() {
        for text in ["-1", "", "ten", "1.5", "18446744073709551616"] {
            let error = read(text, "1").unwrap_err();
            assert!(error.contains("HIKIDASHI_MAX_USER_BYTES"), "{error}");
            let error = read("1", text).unwrap_err();
            assert!(error.contains("HIKIDASHI_MAX_USER_IMAGES"), "{error}");
        }
    }

    #[test]
    fn an_override_stands_for_each_limit_by_itself() {
        let item = UsageItem {
            max_bytes: Some(0),
            ..UsageItem::default()
        };
        let limits = Quota::new(1, 2).limits(&item);
        assert_eq!((limits.max_bytes, limits.max_images), (None, Some(2)));
    }

    #[test]
    fn a_limit_is_reached_and_not_exceeded() {
        let limits = |bytes, images| Quota::new(bytes, images).limits(&UsageItem::default());
        assert!(limits(80, 1).admit(USED));
        assert!(!limits(79, 1).admit(USED));
        assert!(limits(0, 1).admit(USED));
        let two = Usage { images: 2, ..USED };
        assert!(!limits(80, 1).admit(two));
    }

    #[test]
    fn the_warning_begins_at_four_fifths_of_either_limit() {
        let near = |bytes, images| Quota::new(bytes, images).limits(&UsageItem::default());
        assert!(near(100, 10).are_near(USED));
        assert!(!near(101, 10).are_near(USED));
        assert!(near(101, 1).are_near(USED));
        let most = Usage {
            bytes: u64::MAX,
            images: 0,
        };
        assert!(near(u64::MAX, 0).are_near(most));
    }

    #[test]
    fn usage_is_told_with_its_limits() {
        let limits = Quota::new(100, 0).limits(&UsageItem::default());
        assert_eq!(limits.header(USED), "bytes=80/100, images=1/*");
        assert_eq!(
            limits.sentence(USED),
            "you have used 80 of 100 bytes and 1 images"
        );
    }
}
