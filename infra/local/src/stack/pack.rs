//! The binaries of a stack: the functions, and `local` itself.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::Context as _;

use crate::{
    deploy::template::Resource,
    package::{
        archive::{self, Archive},
        build::{self, Profile},
    },
};

/// The binary that is the emulator's watchdog and its container command.
const LOCAL: &str = "local";

/// Builds and packs the functions of a template, and returns the path of the `local` binary.
pub(super) async fn pack(
    resources: &[Resource],
    profile: Profile,
) -> anyhow::Result<(PathBuf, BTreeMap<String, Archive>)> {
    let functions: Vec<&str> = resources
        .iter()
        .filter_map(|resource| resource.binary.as_deref())
        .collect();
    let (local_exe, mut built) = match (running_local(), profile) {
        (Some(local_exe), _) => (local_exe, build::build(&functions, profile).await?),
        (None, Profile::Dev) => {
            // One build for all, because cargo then builds shared crates once.
            let all: Vec<&str> = functions.iter().copied().chain([LOCAL]).collect();
            let mut built = build::build(&all, profile).await?;
            (take_local(&mut built)?, built)
        }
        (None, Profile::Release | Profile::Package) => {
            let mut built = build::build(&[LOCAL], Profile::Dev).await?;
            let functions = build::build(&functions, profile).await?;
            (take_local(&mut built)?, functions)
        }
    };
    built.retain(|binary, _| functions.contains(&binary.as_str()));
    let archives = tokio::task::spawn_blocking(move || {
        built
            .into_iter()
            .map(|(binary, executable)| Ok((binary, archive::pack(&executable)?)))
            .collect::<anyhow::Result<_>>()
    })
    .await??;
    Ok((local_exe, archives))
}

/// Returns this program, unless it is a test binary.
fn running_local() -> Option<PathBuf> {
    std::env::current_exe()
        .ok()
        .filter(|program| program.file_name().is_some_and(|name| name == LOCAL))
}

fn take_local(built: &mut BTreeMap<String, PathBuf>) -> anyhow::Result<PathBuf> {
    built.remove(LOCAL).context("cargo did not build local")
}
