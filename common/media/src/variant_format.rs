//! What thumbnails are encoded as.

/// What a variant can be encoded as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VariantFormat {
    /// Baseline JPEG. What is transparent lies on white.
    Jpeg,
    /// Lossy WebP, with transparency.
    WebP,
    /// PNG, with transparency.
    Png,
    /// AVIF, with transparency; only where the engine is built with its feature `avif`.
    Avif,
}

impl VariantFormat {
    /// Every format, whether this build makes it or not.
    pub const ALL: [Self; 4] = [Self::Jpeg, Self::WebP, Self::Png, Self::Avif];

    /// By its [`name`](Self::name).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    /// As in a `Content-Type` header.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::WebP => "image/webp",
            Self::Png => "image/png",
            Self::Avif => "image/avif",
        }
    }

    /// As a variant's key ends.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::WebP => "webp",
            Self::Png => "png",
            Self::Avif => "avif",
        }
    }

    /// As in the configuration and in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "jpeg",
            Self::WebP => "webp",
            Self::Png => "png",
            Self::Avif => "avif",
        }
    }
}
