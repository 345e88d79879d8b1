//! `ps`, `port` and `logs`: information about containers.

use std::io::Write;

use anyhow::Context;

use super::folder::Root;
use super::log;

/// Writes a line per container: `ID INSTANCE` if the format asks for the instance, else
/// `ID FUNCTION STATUS`.
///
/// The emulator asks once, at its start, to remove the containers of dead instances.
pub(super) fn ps(root: &Root, words: &[String], out: &mut impl Write) -> anyhow::Result<()> {
    let wants_instance = words
        .iter()
        .any(|word| word.contains(".Label \"fakecloud-instance\""));
    for folder in root.all()? {
        // The container may be removed at the same time.
        let Some(spec) = folder.spec()? else { continue };
        let id = folder.id();
        if wants_instance {
            writeln!(out, "{id} {}", spec.instance.unwrap_or_default())?;
        } else {
            let runs = folder
                .state()?
                .is_some_and(|state| state.supervisor.is_alive());
            writeln!(
                out,
                "{id} {} {}",
                spec.function,
                if runs { "running" } else { "exited" }
            )?;
        }
    }
    Ok(())
}

/// Writes the address of a container's invocation endpoint.
pub(super) fn port(root: &Root, id: &str, out: &mut impl Write) -> anyhow::Result<()> {
    let state = root
        .container(id)?
        .state()?
        .with_context(|| format!("{id} is not running"))?;
    Ok(writeln!(out, "127.0.0.1:{}", state.invoke_port)?)
}

/// Writes the output of a container's function: `[--tail N] ID`.
pub(super) fn logs(root: &Root, words: &[String], out: &mut impl Write) -> anyhow::Result<()> {
    let mut lines = None;
    let mut id = None;
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        match word.as_str() {
            "--tail" | "-n" => {
                let count = rest.next().context("`--tail` needs a number")?;
                lines = count.parse().ok(); // `all` is docker's word for no limit.
            }
            _ => id = Some(word),
        }
    }
    let folder = root.container(id.context("`logs` needs a container")?)?;
    let text = std::fs::read(folder.log()).context("the container has no log yet")?;
    Ok(out.write_all(log::tail(&text, lines))?)
}
