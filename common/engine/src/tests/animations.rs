//! Animations: variants show the first frame.

use image::{Frame, Rgba, codecs::gif::GifEncoder};

use super::*;

const RED: [u8; 4] = [255, 0, 0, 255];
const GREEN: [u8; 4] = [0, 255, 0, 255];

pub(super) fn gif(frames: usize, edge: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new_with_speed(&mut bytes, 30);
    for index in 0..frames {
        let color = if index == 0 { RED } else { GREEN };
        encoder
            .encode_frame(Frame::new(RgbaImage::from_pixel(edge, edge, Rgba(color))))
            .unwrap();
    }
    drop(encoder);
    bytes
}

fn webp(frames: u8) -> Vec<u8> {
    let images: Vec<_> = (0..frames)
        // The encoder would merge equal frames.
        .map(|index| RgbaImage::from_pixel(64, 64, Rgba([RED, GREEN][usize::from(index % 2)])))
        .collect();
    let mut config = ::webp::WebPConfig::new().unwrap();
    config.lossless = 1;
    let mut encoder = ::webp::AnimEncoder::new(64, 64, &config);
    for (image, index) in images.iter().zip(0..) {
        let frame = ::webp::AnimFrame::from_rgba(image.as_raw(), 64, 64, index * 100);
        encoder.add_frame(frame);
    }
    encoder.encode().to_vec()
}

fn png(frames: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut bytes, 64, 64);
    encoder.set_color(::png::ColorType::Rgba);
    encoder.set_animated(frames, 0).unwrap();
    let mut writer = encoder.write_header().unwrap();
    for index in 0..frames {
        let color = if index == 0 { RED } else { GREEN };
        let image = RgbaImage::from_pixel(64, 64, Rgba(color));
        writer.write_image_data(image.as_raw()).unwrap();
    }
    writer.finish().unwrap();
    bytes
}

#[test]
fn the_first_frame_is_shown_and_more_frames_are_reported() {
    for (what, bytes) in [("gif", gif(3, 64)), ("webp", webp(3)), ("png", png(3))] {
        let image = made("a:32", &bytes);
        assert!(image.is_animated, "{what}");
        let pixel = *rgb(&image.variants[0]).get_pixel(8, 8);
        assert!(is_near(pixel.0, [255, 0, 0]), "{what}: {pixel:?}");
    }
}

#[test]
fn one_frame_is_no_animation() {
    for (what, bytes) in [("gif", gif(1, 64)), ("png", png(1))] {
        assert!(!made("a:32", &bytes).is_animated, "{what}");
    }
}

#[test]
fn more_frames_than_any_animation_has_are_refused() {
    let most = |max_image_frames| Limits {
        max_image_frames,
        ..LIMITS
    };
    for (what, bytes) in [("gif", gif(3, 64)), ("webp", webp(3)), ("png", png(3))] {
        assert_eq!(failed(most(2), &bytes).code, "too_many_frames", "{what}");
    }
    assert!(made("a:32", &gif(3, 64)).is_animated);
    let failure = failed(LIMITS, &gif(10_000, 1));
    assert_eq!(failure.code, "too_many_frames", "{failure:?}");
    assert!(failure.message.contains("1000"), "{failure:?}");
}
