//! The seeds: valid files of every format and kind, and files that declare more than they contain.

mod bombs;
mod gif;
mod heif;
mod jpeg;
mod png;
mod scene;
mod webp;

/// One file.
#[derive(Debug)]
pub(crate) struct Seed {
    /// Name for messages.
    pub name: String,
    pub file: Vec<u8>,
    /// Whether the engine takes long for it, or would.
    pub is_heavy: bool,
}

/// Returns all seeds.
pub(crate) fn all() -> anyhow::Result<Vec<Seed>> {
    let mut seeds = light()?;
    seeds.extend(named(bombs::all()?, true));
    Ok(seeds)
}

/// Returns the seeds of small images.
pub(crate) fn light() -> anyhow::Result<Vec<Seed>> {
    let files = [
        jpeg::all()?,
        png::all()?,
        gif::all()?,
        webp::all()?,
        heif::all()?,
    ];
    Ok(named(files.into_iter().flatten(), false).collect())
}

/// A name and a file.
type Named = (String, Vec<u8>);

fn named(files: impl IntoIterator<Item = Named>, is_heavy: bool) -> impl Iterator<Item = Seed> {
    files.into_iter().map(move |(name, file)| Seed {
        name,
        file,
        is_heavy,
    })
}

#[cfg(test)]
mod tests {
    use super::light;
    use crate::recipes;

    /// Arithmetic-coded files are left out: not every decoder supports them, and those that do not
    /// must refuse them properly.
    #[test]
    fn every_small_file_is_decoded() {
        let recipe = recipes::all().unwrap().swap_remove(2);
        let refused: Vec<String> = light()
            .unwrap()
            .into_iter()
            .filter(|seed| !seed.name.starts_with("arithmetic"))
            .filter_map(|seed| {
                let failure = engine::generate(&recipe, &seed.file).err()?;
                Some(format!("{}: {}", seed.name, failure.message))
            })
            .collect();
        assert!(refused.is_empty(), "{refused:#?}");
    }
}
