//! The engine's answer to an input, which the child sends to the parent: one line of tab-separated
//! fields.

/// Result of an input for which the engine returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub answer: Answer,
    /// Peak memory of the child during the input (`VmHWM`).
    pub peak_kib: u64,
    /// Place of a panic, caught or not: `file:line`.
    pub panic: Option<String>,
}

/// The engine's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Image,
    /// Code and message of the failure.
    Refused(String),
}

impl Outcome {
    /// Formats one line, including the line break.
    pub(crate) fn to_line(&self) -> String {
        let (kind, reason) = match &self.answer {
            Answer::Image => ("image", String::new()),
            Answer::Refused(reason) => ("refused", reason.replace(['\t', '\n', '\r'], " ")),
        };
        let panic = self.panic.as_deref().unwrap_or_default();
        format!("{kind}\t{}\t{panic}\t{reason}\n", self.peak_kib)
    }

    /// Parses a line of [`Self::to_line`].
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let mut fields = line.strip_suffix('\n')?.splitn(4, '\t');
        let kind = fields.next()?;
        let peak_kib = fields.next()?.parse().ok()?;
        let panic = Some(fields.next()?.to_owned()).filter(|place| !place.is_empty());
        let reason = fields.next()?.to_owned();
        let answer = match kind {
            "image" => Answer::Image,
            "refused" => Answer::Refused(reason),
            _ => return None,
        };
        Some(Self {
            answer,
            peak_kib,
            panic,
        })
    }

    /// Returns a signature that is equal for inputs with the same answer: the text without numbers.
    pub(crate) fn signature(&self) -> String {
        let words = match &self.answer {
            Answer::Image => "image",
            Answer::Refused(reason) => reason.as_str(),
        };
        words.chars().filter(|c| !c.is_ascii_digit()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Outcome};

    #[test]
    fn an_outcome_survives_the_pipe() {
        for (answer, panic) in [
            (Answer::Image, None),
            (
                Answer::Refused("corrupt: no".into()),
                Some("a/b.rs:7".into()),
            ),
        ] {
            let outcome = Outcome {
                answer,
                peak_kib: 12,
                panic,
            };
            assert_eq!(Outcome::parse(&outcome.to_line()), Some(outcome));
        }
        assert_eq!(Outcome::parse("image\t12"), None);
    }

    #[test]
    fn messages_that_differ_in_numbers_only_are_one() {
        let refused = |reason: &str| Outcome {
            answer: Answer::Refused(reason.to_owned()),
            peak_kib: 0,
            panic: None,
        };
        assert_eq!(
            refused("corrupt: at 17").signature(),
            refused("corrupt: at 4").signature()
        );
        assert_ne!(
            refused("corrupt: at 17").signature(),
            refused("corrupt: in 17").signature()
        );
    }
}
