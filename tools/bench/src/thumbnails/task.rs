//! Tasks of the comparison: a file and its variants.

use super::{
    protocol::{Format, Wanted},
    synthetic::Kind,
};

/// One task.
#[derive(Debug)]
pub(crate) struct Task {
    /// Prefix of the name of every result.
    pub name: &'static str,
    pub file: &'static str,
    /// Kind of the file, for a synthetic image.
    pub kind: Kind,
    /// Variants, from large to small.
    pub variants: &'static [Wanted],
}

const fn jpeg(edge: u32) -> Wanted {
    Wanted {
        edge,
        format: Format::Jpeg,
        quality: 80,
    }
}

pub(crate) const THREE: &[Wanted] = &[jpeg(1024), jpeg(512), jpeg(160)];

/// The tasks. The first and the last are those of sharp's own published benchmark: it requests 720
/// x 588 and 720 x 540, which is what fits inside 720.
pub(crate) const TASKS: [Task; 6] = [
    Task {
        name: "sharp_2725x2225_720",
        file: "sharp-2725x2225.jpg",
        kind: Kind::BaselineJpeg,
        variants: &[jpeg(720)],
    },
    Task {
        name: "sharp_2725x2225_160",
        file: "sharp-2725x2225.jpg",
        kind: Kind::BaselineJpeg,
        variants: &[jpeg(160)],
    },
    Task {
        name: "sharp_2725x2225_1024_512_160",
        file: "sharp-2725x2225.jpg",
        kind: Kind::BaselineJpeg,
        variants: THREE,
    },
    Task {
        name: "photo_3640x2400_1024_512_160",
        file: "photo-3640x2400.jpg",
        kind: Kind::BaselineJpeg,
        variants: THREE,
    },
    Task {
        name: "progressive_5640x3172_1024_512_160",
        file: "progressive-5640x3172.jpg",
        kind: Kind::ProgressiveJpeg,
        variants: THREE,
    },
    Task {
        name: "paper_2048x1536_720_png",
        file: "paper-2048x1536.png",
        kind: Kind::Png,
        variants: &[Wanted {
            edge: 720,
            format: Format::Png,
            quality: 0,
        }],
    },
];
