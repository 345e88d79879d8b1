//! Checks of a `bootstrap` before its deployment.
//!
//! `provided.al2023` has glibc 2.34. A program that needs a later version does not start, and would
//! fail at the first request instead of at the deployment.

use std::{fmt, path::Path};

use anyhow::Context as _;
use clap::ValueEnum;
use object::{
    Endianness,
    elf::{EM_AARCH64, EM_X86_64, FileHeader64, Machine},
    read::elf::FileHeader as _,
};

/// The C library of the runtime.
const LATEST_GLIBC: Glibc = Glibc(2, 34);

/// Size limit: more than any function needs, and less than a forgotten dependency adds. Lambda's
/// own limit is 250 MB; a larger program takes longer to fetch at a cold start.
const MOST_BYTES: usize = 24_000_000;

/// An architecture of Lambda, as the template's parameter `Architecture` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Architecture {
    /// 64-bit x86.
    #[value(name = "x86_64")]
    X86,
    /// 64-bit Arm.
    #[value(name = "arm64")]
    Arm,
}

impl Architecture {
    fn of(machine: Machine) -> Option<Self> {
        match machine {
            EM_X86_64 => Some(Self::X86),
            EM_AARCH64 => Some(Self::Arm),
            _ => None,
        }
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::X86 => "x86_64",
            Self::Arm => "arm64",
        })
    }
}

/// A version of the C library, such as 2.34.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Glibc(pub u32, pub u32);

impl fmt::Display for Glibc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// Facts about a program, found without running it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspection {
    /// The architecture that it was compiled for, if Lambda has it.
    pub architecture: Option<Architecture>,
    /// The latest version of the C library that it requires.
    pub glibc: Glibc,
    /// Size in bytes.
    pub size_bytes: usize,
    /// Sections that `strip` would have removed.
    pub unstripped: Vec<String>,
    /// Paths of the machine that it was built on.
    pub paths: Vec<String>,
}

impl Inspection {
    /// Inspects a program. `private` are the folders whose paths it must not contain.
    pub fn of(program: &[u8], private: &[&Path]) -> anyhow::Result<Self> {
        let header = FileHeader64::<Endianness>::parse(program).context("not an ELF program")?;
        let endian = header.endian()?;
        let sections = header.sections(endian, program)?;
        let mut unstripped = Vec::new();
        for section in sections.iter() {
            let name = String::from_utf8_lossy(sections.section_name(endian, section)?);
            if name == ".symtab" || name.starts_with(".debug_") {
                unstripped.push(name.into_owned());
            }
        }
        let mut glibc = Glibc::default();
        if let Some((mut needs, link)) = sections.gnu_verneed(endian, program)? {
            let strings = sections.strings(endian, program, link)?;
            while let Some((_, mut versions)) = needs.next()? {
                while let Some(version) = versions.next()? {
                    let name = String::from_utf8_lossy(version.name(endian, strings)?);
                    glibc = glibc.max(parse_glibc(&name).unwrap_or_default());
                }
            }
        }
        let paths = private.iter().filter_map(|folder| named(program, folder));
        Ok(Self {
            architecture: Architecture::of(header.e_machine(endian)),
            glibc,
            size_bytes: program.len(),
            unstripped,
            paths: paths.collect(),
        })
    }

    /// Describes each reason not to deploy it to a stage of this architecture; empty if there is
    /// none.
    pub fn problems(&self, wanted: Architecture) -> Vec<String> {
        let mut problems = Vec::new();
        if self.architecture != Some(wanted) {
            let built = self.architecture.map(|built| built.to_string());
            problems.push(format!(
                "it was built for {}, and the stage's Architecture is {wanted}",
                built.as_deref().unwrap_or("another architecture"),
            ));
        }
        if self.glibc > LATEST_GLIBC {
            problems.push(format!(
                "it needs glibc {}, and Lambda has {LATEST_GLIBC}",
                self.glibc
            ));
        }
        if self.size_bytes > MOST_BYTES {
            let size = self.size_bytes;
            problems.push(format!("it has {size} bytes; the limit is {MOST_BYTES}"));
        }
        if !self.unstripped.is_empty() {
            let sections = self.unstripped.join(", ");
            problems.push(format!("it is not stripped: it has {sections}"));
        }
        for path in &self.paths {
            problems.push(format!(
                "it names a path of the machine that built it: {path}"
            ));
        }
        problems
    }
}

/// Parses `GLIBC_2.34`; not `GLIBC_PRIVATE`, and not another library's version.
fn parse_glibc(name: &str) -> Option<Glibc> {
    let mut numbers = name.strip_prefix("GLIBC_")?.split('.');
    let major = numbers.next()?.parse().ok()?;
    let minor = numbers.next()?.parse().ok()?;
    Some(Glibc(major, minor))
}

/// Returns the first path under a folder that the program contains.
fn named(program: &[u8], folder: &Path) -> Option<String> {
    let mut prefix = folder.to_str()?.as_bytes().to_vec();
    prefix.push(b'/');
    let start = program
        .windows(prefix.len())
        .position(|window| window == prefix)?;
    let path = &program[start..];
    let end = path
        .iter()
        .take(200)
        .position(|byte| !byte.is_ascii_graphic())
        .unwrap_or(path.len().min(200));
    Some(String::from_utf8_lossy(&path[..end]).into_owned())
}

#[cfg(test)]
mod tests {
    use std::{path::Path, process::Command};

    use object::elf::EM_386;

    use super::{Architecture, EM_AARCH64, EM_X86_64, Glibc, Inspection, parse_glibc};
    use crate::workspace::workspace;

    /// The architecture of this machine.
    const NATIVE: Architecture = if cfg!(target_arch = "aarch64") {
        Architecture::Arm
    } else {
        Architecture::X86
    };

    #[test]
    fn a_program_of_another_architecture_than_the_stage_s_is_a_problem() {
        let mut program = own();
        let inspect = |program: &[u8]| Inspection::of(program, &[]).unwrap();
        assert_eq!(inspect(&program).architecture, Some(NATIVE));
        // `e_machine`, the second field behind the identification of 16 bytes.
        for (machine, built) in [
            (EM_AARCH64, Some(Architecture::Arm)),
            (EM_X86_64, Some(Architecture::X86)),
            (EM_386, None),
        ] {
            program[18..20].copy_from_slice(&machine.0.to_le_bytes());
            let inspection = inspect(&program);
            assert_eq!(inspection.architecture, built);
            for wanted in [Architecture::Arm, Architecture::X86] {
                let problems = inspection.problems(wanted).join("\n");
                let is_told = problems.contains("the stage's Architecture is");
                assert_eq!(is_told, built != Some(wanted), "{problems}");
            }
        }
    }

    /// Reads the test's own program, which is not stripped.
    fn own() -> Vec<u8> {
        std::fs::read(std::env::current_exe().unwrap()).unwrap()
    }

    #[test]
    fn a_program_that_was_built_for_development_is_found_out() {
        // It contains the folder of its own sources, which is a constant of the crate.
        let inspection = Inspection::of(&own(), &[&workspace()]).unwrap();
        let problems = inspection.problems(NATIVE).join("\n");
        assert!(problems.contains("not stripped: it has"), "{problems}");
        assert!(problems.contains("names a path"), "{problems}");
        assert!(inspection.glibc >= Glibc(2, 17), "{inspection:?}");
    }

    /// Compiles a small program as the release profile does, or as development does.
    fn compiled(folder: &Path, options: &[&str]) -> Vec<u8> {
        let source = folder.join("program.rs");
        std::fs::write(&source, "fn main() { println!(\"hello\"); }").unwrap();
        let program = folder.join("program");
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let status = Command::new(rustc)
            .args(options)
            .arg("-o")
            .args([&program, &source])
            .status();
        assert!(status.unwrap().success());
        std::fs::read(program).unwrap()
    }

    #[test]
    fn a_program_of_the_release_profile_has_neither_symbols_nor_debug_sections() {
        let folder = tempfile::tempdir().unwrap();
        let release = compiled(folder.path(), &["-Copt-level=3", "-Cstrip=symbols"]);
        let inspection = Inspection::of(&release, &[folder.path()]).unwrap();
        assert_eq!(inspection.unstripped, Vec::<String>::new());
        assert_eq!(inspection.paths, Vec::<String>::new());

        let development = compiled(folder.path(), &["-Cdebuginfo=line-tables-only"]);
        let inspection = Inspection::of(&development, &[folder.path()]).unwrap();
        assert!(
            inspection.unstripped.contains(&".symtab".to_owned()),
            "{inspection:?}"
        );
        assert!(
            inspection.unstripped.contains(&".debug_line".to_owned()),
            "{inspection:?}"
        );
    }

    #[test]
    fn the_release_profile_strips_symbols() {
        let manifest = std::fs::read_to_string(workspace().join("Cargo.toml")).unwrap();
        let (_, release) = manifest.split_once("[profile.release]").unwrap();
        let release = release.split("\n[").next().unwrap();
        assert!(
            release.lines().any(|line| line == "strip = true"),
            "{release}"
        );
    }

    #[test]
    fn a_later_library_than_lambda_s_is_a_problem_and_an_earlier_one_is_not() {
        let of = |glibc| Inspection {
            architecture: Some(NATIVE),
            glibc,
            ..Inspection::default()
        };
        assert_eq!(of(Glibc(2, 34)).problems(NATIVE), Vec::<String>::new());
        assert_eq!(
            of(Glibc(2, 35)).problems(NATIVE),
            ["it needs glibc 2.35, and Lambda has 2.34"]
        );
    }

    #[test]
    fn a_program_that_has_grown_is_a_problem() {
        let inspection = Inspection {
            architecture: Some(NATIVE),
            size_bytes: 30_000_000,
            ..Inspection::default()
        };
        assert_eq!(
            inspection.problems(NATIVE),
            ["it has 30000000 bytes; the limit is 24000000"]
        );
    }

    #[test]
    fn only_versions_of_glibc_are_versions_of_glibc() {
        assert_eq!(parse_glibc("GLIBC_2.2.5"), Some(Glibc(2, 2)));
        assert_eq!(parse_glibc("GLIBC_PRIVATE"), None);
        assert_eq!(parse_glibc("GCC_4.2.0"), None);
    }

    #[test]
    fn what_is_no_program_is_an_error() {
        assert!(Inspection::of(b"#!/bin/sh\n", &[]).is_err());
    }
}
