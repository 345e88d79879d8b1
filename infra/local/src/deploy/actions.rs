//! IAM actions that the emulator names differently from AWS.
//!
//! The emulator checks the permission named after the operation, where AWS checks another. At
//! deployment, each AWS action in a policy gets the emulator's names beside it, so that what AWS
//! allows is allowed here, and what is denied here is denied for lack of a permission that exists
//! on AWS.

/// AWS actions, each with the emulator's names for the operations that it allows.
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

/// Returns the emulator's names for an action of AWS, beside its own.
pub fn emulators_names(action: &str) -> &'static [&'static str] {
    NAMES
        .iter()
        .find(|(name, _)| *name == action)
        .map_or(&[], |(_, names)| names)
}

/// Returns whether only the emulator has an action.
pub fn is_emulators(action: &str) -> bool {
    NAMES.iter().any(|(_, names)| names.contains(&action))
}

/// Adds the emulator's names beside AWS's in every statement of the template that grants one of
/// these.
pub fn place(text: &str) -> String {
    let mut edited = String::with_capacity(text.len());
    for line in text.lines() {
        edited.push_str(&edit(line));
        edited.push('\n');
    }
    edited
}

/// Edits a line that grants: `Action: x`, `Action: [x, y]` or `- x`.
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
