//! The file name in a `Content-Disposition` header (RFC 6266).

use percent_encoding::percent_decode_str;

/// Returns the file name. `filename*` takes precedence over `filename`, as the RFC requires.
/// Returns `None` if there is neither, or if `filename*` does not decode to UTF-8.
pub(crate) fn file_name(header: &str) -> Option<String> {
    let mut plain = None;
    for (name, value) in parameters(header) {
        if name.eq_ignore_ascii_case("filename*") {
            return extended(&value);
        }
        if name.eq_ignore_ascii_case("filename") {
            plain = Some(value);
        }
    }
    plain
}

/// Decodes `UTF-8'<language>'<percent-encoded>` (RFC 8187).
fn extended(value: &str) -> Option<String> {
    let (charset, rest) = value.split_once('\'')?;
    let (_, encoded) = rest.split_once('\'')?;
    if !charset.eq_ignore_ascii_case("utf-8") {
        return None;
    }
    percent_decode_str(encoded)
        .decode_utf8()
        .ok()
        .map(std::borrow::Cow::into_owned)
}

/// Returns the parameters after the disposition type, unquoted. A semicolon inside quotes is no
/// separator.
fn parameters(header: &str) -> Vec<(String, String)> {
    let mut parts = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    for c in header.chars() {
        let Some(part) = parts.last_mut() else { break };
        match c {
            _ if escaped => {
                part.push(c);
                escaped = false;
            }
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ';' if !quoted => parts.push(String::new()),
            _ => part.push(c),
        }
    }
    let pair = |part: &String| {
        part.split_once('=')
            .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
    };
    parts.iter().skip(1).filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_in_every_spelling() {
        for (header, name) in [
            ("attachment; filename=a.jpg", Some("a.jpg")),
            (r#"attachment; filename="a b.jpg""#, Some("a b.jpg")),
            (r#"attachment; filename="a;b.jpg"; size=3"#, Some("a;b.jpg")),
            (r#"attachment; filename="a\"b.jpg""#, Some("a\"b.jpg")),
            ("attachment; FILENAME=a.jpg", Some("a.jpg")),
            (
                "attachment; filename=x.jpg; filename*=UTF-8''%E5%BC%95.jpg",
                Some("引.jpg"),
            ),
            ("attachment; filename*=latin1''x", None),
            ("attachment; filename*=UTF-8''%FF", None),
            ("attachment", None),
            ("", None),
        ] {
            assert_eq!(file_name(header).as_deref(), name, "{header}");
        }
    }
}
