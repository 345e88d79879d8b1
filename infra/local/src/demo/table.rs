//! The listing as a table.

use super::image::Image;

const HEADINGS: [&str; 7] = [
    "name",
    "status",
    "size",
    "dimensions",
    "uploaded",
    "taken",
    "thumbhash",
];

/// Limit of a cell's width; longer names are cut.
const WIDEST: usize = 40;

/// Lays images out in columns.
pub fn table(images: &[Image]) -> String {
    let rows: Vec<[String; 7]> = std::iter::once(HEADINGS.map(str::to_owned))
        .chain(images.iter().map(row))
        .collect();
    let widths: [usize; 7] = std::array::from_fn(|column| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    });
    rows.iter().fold(String::new(), |text, row| {
        let cells: Vec<String> = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        format!("{text}{}\n", cells.join("  ").trim_end())
    })
}

fn row(image: &Image) -> [String; 7] {
    let unknown = || "-".to_owned();
    [
        image
            .file_name
            .as_deref()
            .unwrap_or("-")
            .chars()
            .filter(|character| !character.is_control())
            .take(WIDEST)
            .collect(),
        image.status.to_string(),
        image.size.map_or_else(unknown, bytes),
        image
            .width
            .zip(image.height)
            .map_or_else(unknown, |(width, height)| format!("{width}×{height}")),
        image.uploaded_at.clone().unwrap_or_else(unknown),
        image.taken_at.clone().unwrap_or_else(unknown),
        image.thumbhash.clone().unwrap_or_else(unknown),
    ]
}

/// Formats a number of bytes for people.
pub fn bytes(count: u64) -> String {
    match count {
        0..1_000 => format!("{count} B"),
        1_000..1_000_000 => format!("{} kB", count / 1_000),
        _ => format!("{}.{} MB", count / 1_000_000, count / 100_000 % 10),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{bytes, table};

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let images = serde_json::from_value::<Vec<_>>(json!([
            {"imageId": "1", "status": "ready", "fileName": "引き出し.jpg", "size": 829_000,
             "width": 2725, "height": 2225, "uploadedAt": "2026-11-22T10:00:00Z",
             "takenAt": "2019-07-06T05:04:03+09:00", "thumbhash": "1QcSHQ=="},
            {"imageId": "2", "status": "pending"},
        ]))
        .unwrap();
        assert_eq!(
            table(&images),
            "name      status   size    dimensions  uploaded              taken                      thumbhash\n\
             引き出し.jpg  ready    829 kB  2725×2225   2026-11-22T10:00:00Z  2019-07-06T05:04:03+09:00  1QcSHQ==\n\
             -         pending  -       -           -                     -                          -\n"
        );
    }

    #[test]
    fn sizes_are_told_in_decimal_units() {
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(829_123), "829 kB");
        assert_eq!(bytes(4_650_000), "4.6 MB");
    }
}
