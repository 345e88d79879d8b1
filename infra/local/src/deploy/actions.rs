//! What the emulator calls actions that AWS calls otherwise.
//!
//! It names the right that it asks for after the operation, where AWS asks for the right of
//! another. Whoever has the right on AWS gets the emulator's name for it beside it, at deployment:
//! so what is allowed there is allowed here, and what is denied here is denied for want of a right
//! that exists.

/// AWS's action, and the emulator's names for what it allows.
const NAMES: [(&str, &[&str]); 4] = [
    ("s3:GetObject", &["s3:HeadObject"]),
    (
        "s3:ListBucket",
        &["s3:ListObjectsV2", "s3:ListObjects", "s3:HeadBucket"],
    ),
    (
        "s3:PutObject",
        &[
            "s3:CreateMultipartUpload",
            "s3:UploadPart",
            "s3:CompleteMultipartUpload",
        ],
    ),
    ("sqs:SendMessage", &["sqs:SendMessageBatch"]),
];

/// The emulator's names that stand for an action of AWS, beside its own.
pub fn emulators_names(action: &str) -> &'static [&'static str] {
    NAMES
        .iter()
        .find(|(name, _)| *name == action)
        .map_or(&[], |(_, names)| names)
}

/// Whether an action is one that only the emulator has.
pub fn is_emulators(action: &str) -> bool {
    NAMES.iter().any(|(_, names)| names.contains(&action))
}

/// Puts the emulator's names beside AWS's, wherever a statement of the template grants one of
/// these.
pub fn place(text: &str) -> String {
    let mut edited = String::with_capacity(text.len());
    for line in text.lines() {
        edited.push_str(&edit(line));
        edited.push('\n');
    }
    edited
}

/// A line that grants: `Action: x`, `Action: [x, y]` or `- x`.
fn edit(line: &str) -> String {
    let trimmed = line.trim_start();
    let indent = &line[..line.len() - trimmed.len()];
    if let Some(action) = trimmed.strip_prefix("- ") {
        return emulators_names(action)
            .iter()
            .fold(line.to_owned(), |lines, name| {
                format!("{lines}\n{indent}- {name}")
            });
    }
    let Some(actions) = trimmed.strip_prefix("Action: ") else {
        return line.to_owned();
    };
    let listed = actions.trim_start_matches('[').trim_end_matches(']');
    let actions: Vec<&str> = listed.split(',').map(str::trim).collect();
    let names: Vec<&str> = actions
        .iter()
        .flat_map(|action| emulators_names(action))
        .copied()
        .collect();
    if names.is_empty() {
        line.to_owned()
    } else {
        format!(
            "{indent}Action: [{}, {}]",
            actions.join(", "),
            names.join(", ")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn a_right_has_the_emulator_s_names_too_however_it_is_written() {
        assert_eq!(
            place(
                "  Action: s3:GetObject\n  Action: [s3:GetObject, s3:DeleteObject]\n  - s3:GetObject\n"
            ),
            "  Action: [s3:GetObject, s3:HeadObject]\n  \
             Action: [s3:GetObject, s3:DeleteObject, s3:HeadObject]\n  \
             - s3:GetObject\n  - s3:HeadObject\n"
        );
    }

    #[test]
    fn everything_else_stays_as_it_is() {
        let text = "Action: \"s3:*\"\nAction: sts:AssumeRole\n  - identityId\n# s3:GetObject\n";
        assert_eq!(place(text), text);
    }
}
