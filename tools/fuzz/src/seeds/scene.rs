//! Content of the generated images: gradients, edges and noise.

/// Draws an image with this number of channels; the result is deterministic.
pub(super) fn pixels(width: u32, height: u32, channels: u32) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(u64::from(width) << 32 | u64::from(height));
    let mut pixels = Vec::with_capacity((width * height * channels) as usize);
    for y in 0..height {
        for x in 0..width {
            let edge = if (x / 16 + y / 16) % 3 == 0 { 90 } else { 0 };
            for channel in 0..channels {
                let slope = x * (channel + 1) * 130 / width + y * (4 - channel) * 20 / height;
                let [value, ..] = (slope + edge + random.u32(0..12)).to_le_bytes();
                pixels.push(value);
            }
        }
    }
    pixels
}

/// Builds an EXIF block, without its header: the orientation, a camera, a time and a place.
pub(super) fn exif(orientation: u8) -> Vec<u8> {
    let entry = |tag: u16, kind: u16, count: u32, value: u32| {
        let tag_and_kind = [tag.to_le_bytes(), kind.to_le_bytes()].concat();
        [
            &tag_and_kind[..],
            &count.to_le_bytes(),
            &value.to_le_bytes(),
        ]
        .concat()
    };
    let directory = |entries: &[Vec<u8>]| {
        let [count, ..] = entries.len().to_le_bytes();
        [&[count, 0][..], &entries.concat(), &[0; 4]].concat()
    };
    // A directory of n entries has 6 + 12 n bytes, and each is followed by its values.
    [
        b"II*\0\x08\0\0\0".to_vec(),
        directory(&[
            entry(0x0112, 3, 1, orientation.into()),
            entry(0x010F, 2, 8, 62),
            entry(0x8769, 4, 1, 70),
            entry(0x8825, 4, 1, 108),
        ]),
        b"Hikidas\0".to_vec(),
        directory(&[entry(0x9003, 2, 20, 88)]),
        b"2026:01:31 12:34:56\0".to_vec(),
        directory(&[
            entry(1, 2, 2, u32::from(b'N')),
            entry(2, 5, 3, 162),
            entry(3, 2, 2, u32::from(b'E')),
            entry(4, 5, 3, 186),
        ]),
        [48_u32, 1, 51, 1, 2_988, 100]
            .into_iter()
            .chain([2, 1, 21, 1, 0, 1])
            .flat_map(u32::to_le_bytes)
            .collect(),
    ]
    .concat()
}

/// Encodes a Display P3 profile.
pub(super) fn profile() -> anyhow::Result<Vec<u8>> {
    let profile = moxcms::ColorProfile::new_display_p3();
    profile
        .encode()
        .map_err(|error| anyhow::anyhow!("no profile: {error:?}"))
}
