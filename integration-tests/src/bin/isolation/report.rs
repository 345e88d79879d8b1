//! The report of a run.

use std::fmt::Write as _;

use crate::{
    attack::Verdict,
    suite::{Findings, Outcome},
};

/// Formats a line for every attack, the faults, and the two numbers.
pub(crate) fn table(findings: &Findings) -> String {
    let mut text = String::new();
    let mut group = "";
    for outcome in &findings.outcomes {
        if outcome.group != group {
            group = outcome.group;
            let _ = writeln!(text, "\n{group}");
        }
        let Outcome { id, verdict, .. } = outcome;
        let _ = match verdict {
            Verdict::Denied(answer) => writeln!(text, "  denied  {id:<38} {answer}"),
            Verdict::Harmless(answer) => writeln!(text, "  nothing {id:<38} {answer}"),
            Verdict::NotDenied(answer) => writeln!(text, "  THROUGH {id:<38} {answer}"),
        };
    }
    text.push('\n');
    for fault in &findings.faults {
        let _ = writeln!(text, "fault: {fault}");
    }
    let denied = findings
        .outcomes
        .iter()
        .filter(|outcome| outcome.is_denied())
        .count();
    let harmless = findings
        .outcomes
        .iter()
        .filter(|outcome| matches!(outcome.verdict, Verdict::Harmless(_)))
        .count();
    let _ = write!(
        text,
        "faults={}\nharmless={harmless}\nattacks={} denied={denied}",
        findings.faults.len(),
        findings.outcomes.len()
    );
    text
}

/// Returns whether every attack was denied, every control succeeded, and no data of the victim
/// changed.
pub(crate) fn is_clean(findings: &Findings) -> bool {
    findings.faults.is_empty() && findings.through().is_empty()
}

#[cfg(test)]
mod tests {
    use super::{is_clean, table};
    use crate::{
        attack::Verdict,
        suite::{Findings, Outcome},
    };

    fn findings(verdict: Verdict) -> Findings {
        let outcome = Outcome {
            id: "s3-get".to_owned(),
            group: "objects",
            verdict,
        };
        Findings {
            outcomes: vec![outcome],
            faults: vec![],
        }
    }

    #[test]
    fn an_attack_that_gets_through_fails_the_run_and_is_not_counted_as_denied() {
        let denied = findings(Verdict::Denied("403 AccessDenied".to_owned()));
        assert!(is_clean(&denied));
        assert!(table(&denied).ends_with("attacks=1 denied=1"));
        let through = findings(Verdict::NotDenied("200".to_owned()));
        assert!(!is_clean(&through));
        assert!(table(&through).ends_with("attacks=1 denied=0"));
    }

    #[test]
    fn a_change_of_the_victim_s_data_fails_the_run_though_every_attack_was_denied() {
        let mut denied = findings(Verdict::Denied("403 AccessDenied".to_owned()));
        denied
            .faults
            .push("objects: the victim's records changed".to_owned());
        assert!(!is_clean(&denied));
    }
}
