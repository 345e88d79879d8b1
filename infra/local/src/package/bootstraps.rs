//! The functions as they run on AWS: built here or by `sam build`, inspected and packed.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};

use super::{
    archive,
    build::{self, Profile, cargo_home},
    inspect::{Architecture, Inspection},
};
use crate::workspace::workspace;
use crate::{console::line, deploy::template::Template};

/// Builds all functions of the template, inspects each, and packs it into `target/package`.
pub async fn package(architecture: Architecture) -> anyhow::Result<()> {
    let resources = Template::read()?.resources()?;
    let functions: Vec<&str> = resources
        .iter()
        .filter_map(|resource| resource.binary.as_deref())
        .collect();
    let built = build::build(&functions, Profile::Package).await?;
    let folder = workspace().join("target/package");
    let mut problems = Vec::new();
    for (function, executable) in &built {
        if !functions.contains(&function.as_str()) {
            continue;
        }
        problems.extend(inspect(function, executable, architecture)?);
        let archive = archive::pack_for_upload(executable)?;
        let zip = folder.join(format!("{function}.zip"));
        std::fs::write(&zip, &archive.bytes)
            .with_context(|| format!("can't write {}", zip.display()))?;
        line(format_args!(
            "package_{function}_zip_bytes={}",
            archive.bytes.len()
        ));
    }
    refuse(&problems)
}

/// Inspects the output of `sam build`: a folder for each function, with a `bootstrap` in it.
pub fn inspect_built(folder: &Path, architecture: Architecture) -> anyhow::Result<()> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("can't read {}", folder.display()))?;
    let mut bootstraps: Vec<PathBuf> = entries
        .map(|entry| Ok(entry?.path().join("bootstrap")))
        .collect::<anyhow::Result<_>>()?;
    bootstraps.retain(|bootstrap| bootstrap.is_file());
    bootstraps.sort();
    ensure!(
        !bootstraps.is_empty(),
        "there is no function in {}",
        folder.display()
    );
    let mut problems = Vec::new();
    for bootstrap in &bootstraps {
        let name = bootstrap.parent().and_then(Path::file_name);
        let name = name.unwrap_or_default().to_string_lossy();
        problems.extend(inspect(&name, bootstrap, architecture)?);
    }
    refuse(&problems)
}

fn inspect(
    function: &str,
    executable: &Path,
    architecture: Architecture,
) -> anyhow::Result<Vec<String>> {
    let program = std::fs::read(executable)
        .with_context(|| format!("can't read {}", executable.display()))?;
    let (workspace, cargo_home) = (workspace(), cargo_home()?);
    let inspection = Inspection::of(&program, &[&workspace, &cargo_home])
        .with_context(|| format!("can't inspect {}", executable.display()))?;
    line(format_args!(
        "package_{function}_glibc={}",
        inspection.glibc
    ));
    line(format_args!(
        "package_{function}_bytes={}",
        inspection.size_bytes
    ));
    let problems = inspection.problems(architecture);
    Ok(problems
        .into_iter()
        .map(|problem| format!("{function}: {problem}"))
        .collect())
}

fn refuse(problems: &[String]) -> anyhow::Result<()> {
    if problems.is_empty() {
        return Ok(());
    }
    bail!("not fit for Lambda:\n  {}", problems.join("\n  "))
}

#[cfg(test)]
mod tests {
    use super::{Architecture, inspect_built};

    #[test]
    fn every_bootstrap_that_is_not_fit_is_named() {
        let folder = tempfile::tempdir().unwrap();
        for function in ["UploadFunction", "ImagesFunction"] {
            std::fs::create_dir(folder.path().join(function)).unwrap();
            let bootstrap = folder.path().join(function).join("bootstrap");
            std::fs::copy(std::env::current_exe().unwrap(), bootstrap).unwrap();
        }
        let built = inspect_built(folder.path(), Architecture::X86);
        let error = built.unwrap_err().to_string();
        assert!(
            error.contains("UploadFunction: it is not stripped"),
            "{error}"
        );
        assert!(
            error.contains("ImagesFunction: it is not stripped"),
            "{error}"
        );
    }

    #[test]
    fn a_folder_without_functions_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(inspect_built(folder.path(), Architecture::X86).is_err());
    }
}
