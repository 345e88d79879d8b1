//! One file, and what the engine makes of it.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use engine::Recipe;
use serde::{Deserialize, Serialize};

/// A file to show.
#[derive(Debug, Deserialize)]
pub(crate) struct Job {
    /// The file.
    path: PathBuf,
    /// Start of the paths of the results.
    out: PathBuf,
    /// Longest edges of the results.
    edges: Vec<u32>,
}

/// What the engine made.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "lowercase")]
pub(crate) enum Answer {
    /// The image, in each size.
    Shown {
        /// Width of the upright original.
        width: u32,
        /// Height of the upright original.
        height: u32,
        /// PNG files, in the order of the edges.
        files: Vec<PathBuf>,
    },
    /// The failure that a user would read.
    Refused {
        /// Stable code.
        code: String,
        /// Sentence.
        message: String,
    },
}

impl Job {
    /// Runs the engine once for each size: the largest variant decides how a file is decoded.
    pub(crate) fn run(
        &self,
        recipe: impl Fn(u32) -> anyhow::Result<Recipe>,
    ) -> anyhow::Result<Answer> {
        let bytes = std::fs::read(&self.path)
            .with_context(|| format!("{} can't be read", self.path.display()))?;
        let mut original = (0, 0);
        let mut files = Vec::with_capacity(self.edges.len());
        for edge in &self.edges {
            let image = match engine::generate(&recipe(*edge)?, &bytes) {
                Ok(image) => image,
                Err(failure) => {
                    return Ok(Answer::Refused {
                        code: failure.code,
                        message: failure.message,
                    });
                }
            };
            original = (image.width, image.height);
            for variant in image.variants {
                let file = with_suffix(&self.out, &format!("-{edge}.png"));
                std::fs::write(&file, variant.bytes)?;
                files.push(file);
            }
        }
        let (width, height) = original;
        Ok(Answer::Shown {
            width,
            height,
            files,
        })
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::recipe;

    #[test]
    fn a_file_that_the_engine_refuses_is_answered_with_its_failure() {
        let path = std::env::temp_dir().join(format!("peers-{}", std::process::id()));
        std::fs::write(&path, b"no image").unwrap();
        let job = Job {
            path: path.clone(),
            out: path.clone(),
            edges: vec![512, 96],
        };
        let answer = job.run(recipe);
        std::fs::remove_file(&path).unwrap();
        let Answer::Refused { code, .. } = answer.unwrap() else {
            panic!("the engine showed it");
        };
        assert_eq!(code, "unsupported_format");
    }
}
