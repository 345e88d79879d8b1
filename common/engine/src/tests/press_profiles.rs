//! Profiles whose colours are looked up or come from elsewhere: of presses, and of grey.

use jpeg_encoder::{ColorType, Encoder};
use moxcms::{
    CicpColorPrimaries, CicpProfile, ColorProfile, MatrixCoefficients, TransferCharacteristics,
};

use super::*;

/// Writes an ICC profile with these tags (ICC.1:2022, 7).
fn profile(class: [u8; 4], colours: [u8; 4], tags: &[([u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut header = vec![0; 128];
    header[8..12].copy_from_slice(&[2, 0x40, 0, 0]);
    header[12..16].copy_from_slice(&class);
    header[16..20].copy_from_slice(&colours);
    header[20..24].copy_from_slice(b"Lab ");
    header[36..40].copy_from_slice(b"acsp");
    // The light of the connection space, D50.
    for (at, number) in [(68, 0xF6D6_u32), (72, 0x1_0000), (76, 0xD32D)] {
        header[at..at + 4].copy_from_slice(&number.to_be_bytes());
    }
    let number = |length: usize| u32::try_from(length).unwrap().to_be_bytes();
    let mut table = number(tags.len()).to_vec();
    let mut data = Vec::new();
    for (name, body) in tags {
        let offset = 128 + 4 + tags.len() * 12 + data.len();
        table.extend([*name, number(offset), number(body.len())].concat());
        data.extend(body);
        data.resize(data.len().next_multiple_of(4), 0);
    }
    let mut profile = [header, table, data].concat();
    let length = number(profile.len());
    profile[..4].copy_from_slice(&length);
    profile
}

/// Writes the table of a press whose colours are given for each corner of its inks: a lut8.
fn press(lab: impl Fn([bool; 4]) -> [u8; 3]) -> Vec<u8> {
    let mut body = b"mft1\0\0\0\0\x04\x03\x02\0".to_vec();
    for row in 0..3 {
        for column in 0..3 {
            body.extend(if row == column { [0, 1, 0, 0] } else { [0; 4] });
        }
    }
    let straight: Vec<u8> = (0..=u8::MAX).collect();
    body.extend(straight.repeat(4));
    for corner in 0..16_u8 {
        // The last ink varies fastest.
        body.extend(lab([8, 4, 2, 1].map(|bit| corner & bit != 0)));
    }
    body.extend(straight.repeat(3));
    let tags = [
        (*b"A2B0", body),
        (
            *b"wtpt",
            [
                &b"XYZ \0\0\0\0"[..],
                &[0, 0, 0xF6, 0xD6, 0, 1, 0, 0, 0, 0, 0xD3, 0x2D],
            ]
            .concat(),
        ),
    ];
    profile(*b"prtr", *b"CMYK", &tags)
}

/// Encodes one colour as CMYK. The encoder inverts it, as in any such file.
fn cmyk(inks: [u8; 4], profile: &[u8]) -> Vec<u8> {
    let pixels = inks.repeat(64 * 64);
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 100);
    if !profile.is_empty() {
        encoder.add_icc_profile(profile).unwrap();
    }
    encoder.encode(&pixels, 64, 64, ColorType::Cmyk).unwrap();
    bytes
}

fn shown(file: &[u8]) -> [u8; 3] {
    rgb(&made("a:32:png", file).variants[0]).get_pixel(9, 9).0
}

fn is_close(left: [u8; 3], right: [u8; 3]) -> bool {
    left.into_iter().zip(right).all(|(a, b)| a.abs_diff(b) < 8)
}

#[test]
fn the_profile_of_the_press_says_what_its_inks_look_like() {
    // Whatever the inks are, this press prints a mid grey (L* 50), or black with black ink.
    let grey = press(|[_, _, _, black]| {
        if black {
            [0, 128, 128]
        } else {
            [128, 128, 128]
        }
    });
    for (inks, expected) in [
        ([255, 0, 0, 0], 119),
        ([0, 255, 255, 0], 119),
        ([0, 0, 0, 0], 119),
        ([0, 0, 0, 255], 0),
    ] {
        let shown = shown(&cmyk(inks, &grey));
        assert!(is_close(shown, [expected; 3]), "{inks:?}: {shown:?}");
    }
}

#[test]
fn without_a_usable_profile_inks_are_filters() {
    let rgb = ColorProfile::new_display_p3().encode().unwrap();
    for profile in [&b""[..], b"no profile", &rgb] {
        for (inks, expected) in [
            ([0, 0, 0, 0], [255, 255, 255]),
            ([255, 0, 0, 0], [0, 255, 255]),
            ([0, 255, 0, 0], [255, 0, 255]),
            ([0, 0, 0, 255], [0, 0, 0]),
        ] {
            let shown = shown(&cmyk(inks, profile));
            assert!(is_close(shown, expected), "{inks:?}: {shown:?}");
        }
    }
}

#[test]
fn the_curve_of_grey_leads_to_lightness_where_the_profile_says_lab() {
    // A straight curve.
    let curve = b"curv\0\0\0\0\0\0\0\0".to_vec();
    let profile = profile(*b"scnr", *b"GRAY", &[(*b"kTRC", curve)]);
    for (level, expected) in [(0, 0), (26, 27), (128, 119), (204, 198), (255, 255)] {
        let grey = vec![level; 64 * 64];
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, 100);
        encoder.add_icc_profile(&profile).unwrap();
        encoder.encode(&grey, 64, 64, ColorType::Luma).unwrap();
        let [shown, ..] = shown(&bytes);
        assert!(shown.abs_diff(expected) < 3, "{level}: {shown}");
    }
}

#[test]
fn code_points_in_a_profile_do_not_override_its_curves() {
    let adobe = ColorProfile::new_adobe_rgb();
    let mut tagged = adobe.clone();
    tagged.cicp = Some(CicpProfile {
        color_primaries: CicpColorPrimaries::Bt709,
        transfer_characteristics: TransferCharacteristics::Linear,
        matrix_coefficients: MatrixCoefficients::Identity,
        full_range: true,
    });
    let [plain, tagged] = [adobe, tagged].map(|profile| {
        let pixels = [180, 90, 40].repeat(64 * 64);
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, 100);
        encoder.add_icc_profile(&profile.encode().unwrap()).unwrap();
        encoder.encode(&pixels, 64, 64, ColorType::Rgb).unwrap();
        shown(&bytes)
    });
    assert!(is_close(plain, tagged), "{plain:?}, {tagged:?}");
    assert!(!is_close(plain, [180, 90, 40]), "{plain:?}");
}
