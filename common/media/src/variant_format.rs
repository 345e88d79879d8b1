//! The formats of variants.

/// The format of a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VariantFormat {
    /// Baseline JPEG. Transparent pixels are blended with white.
    Jpeg,
    /// Lossy WebP, with transparency.
    WebP,
    /// PNG, with transparency.
    Png,
    /// AVIF, with transparency. Only in an engine that is built with its feature `avif`.
    Avif,
}

impl VariantFormat {
    /// Every format, whether this build can encode it or not.
    pub const ALL: [Self; 4] = [Self::Jpeg, Self::WebP, Self::Png, Self::Avif];

    /// Finds a format by its [`name`](Self::name).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    /// Returns the media type, as in a `Content-Type` header.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::WebP => "image/webp",
            Self::Png => "image/png",
            Self::Avif => "image/avif",
        }
    }

    /// Returns the extension of a variant's key.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::WebP => "webp",
            Self::Png => "png",
            Self::Avif => "avif",
        }
    }

    /// Returns the name in the configuration and in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "jpeg",
            Self::WebP => "webp",
            Self::Png => "png",
            Self::Avif => "avif",
        }
    }
}
