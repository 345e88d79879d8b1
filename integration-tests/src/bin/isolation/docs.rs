//! The tables of attacks in `docs/isolation.md`, generated from the list.

use std::{fmt::Write as _, path::PathBuf};

use anyhow::{Context as _, ensure};
use local::workspace::workspace;

use crate::{
    attack::{Attack, Availability},
    attacks,
};

const BEGIN: &str = "<!-- attacks: begin (make isolation-docs) -->\n";
const END: &str = "<!-- attacks: end -->\n";
const AWS_BEGIN: &str = "<!-- only on AWS: begin (make isolation-docs) -->\n";
const AWS_END: &str = "<!-- only on AWS: end -->\n";

/// Writes both tables into the page.
pub(crate) fn write() -> anyhow::Result<()> {
    let page = std::fs::read_to_string(page_path())?;
    std::fs::write(page_path(), up_to_date(&page)?)?;
    Ok(())
}

/// Returns the page with current tables.
fn up_to_date(page: &str) -> anyhow::Result<String> {
    let page = replaced(page, BEGIN, END, &tried())?;
    replaced(&page, AWS_BEGIN, AWS_END, &only_on_aws())
}

fn page_path() -> PathBuf {
    workspace().join("docs/isolation.md")
}

fn replaced(page: &str, begin: &str, end: &str, text: &str) -> anyhow::Result<String> {
    let (before, rest) = page
        .split_once(begin)
        .with_context(|| format!("no {begin}"))?;
    let (_, after) = rest.split_once(end).with_context(|| format!("no {end}"))?;
    ensure!(!after.contains(begin), "{begin} is there twice");
    Ok(format!("{before}{begin}{text}{end}{after}"))
}

fn tried() -> String {
    let groups = attacks::all();
    let here = |attack: &&Attack| attack.availability == Availability::Everywhere;
    let count = groups
        .iter()
        .flat_map(|group| &group.attacks)
        .filter(here)
        .count();
    let mut text = format!("\n{count} attacks on the local stack.\n");
    for group in &groups {
        let attacks: Vec<&Attack> = group.attacks.iter().filter(here).collect();
        if attacks.is_empty() {
            continue;
        }
        let _ = write!(
            text,
            "\n### {}\n\n| attack | what it tries | expected | denied by | control |\n|---|---|---|---|---|\n",
            capital(group.title)
        );
        for Attack {
            id,
            tries,
            expected,
            denied_by,
            control,
            ..
        } in attacks
        {
            let _ = writeln!(
                text,
                "| `{id}` | {tries} | {expected} | {denied_by} | {control} |"
            );
        }
    }
    text.push('\n');
    text
}

fn only_on_aws() -> String {
    let mut text = "\n| attack | what it tries | expected | denied by | the emulator … |\n|---|---|---|---|---|\n".to_owned();
    for attack in attacks::all().into_iter().flat_map(|group| group.attacks) {
        if let Availability::Aws(reason) = attack.availability {
            let Attack {
                id,
                tries,
                expected,
                denied_by,
                ..
            } = attack;
            let _ = writeln!(
                text,
                "| `{id}` | {tries} | {expected} | {denied_by} | {reason} |"
            );
        }
    }
    text.push('\n');
    text
}

fn capital(title: &str) -> String {
    let mut letters = title.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::{page_path, up_to_date};

    #[test]
    fn the_page_has_the_attacks_of_the_list() {
        let page = std::fs::read_to_string(page_path()).unwrap();
        assert!(
            up_to_date(&page).unwrap() == page,
            "docs/isolation.md is stale: run `make isolation-docs`"
        );
    }
}
