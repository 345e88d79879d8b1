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

/// Builds an EXIF block, without its header, that contains only the orientation.
pub(super) fn exif(orientation: u8) -> Vec<u8> {
    let mut exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    exif
}

/// Encodes a Display P3 profile.
pub(super) fn profile() -> anyhow::Result<Vec<u8>> {
    let profile = moxcms::ColorProfile::new_display_p3();
    profile
        .encode()
        .map_err(|error| anyhow::anyhow!("no profile: {error:?}"))
}
