//! `cp`: copying a function's code into its container.

use std::fs;
use std::path::Path;

use anyhow::Context;

use super::folder::Root;

/// Copies `FOLDER/.` to `ID:/var/task`.
///
/// The emulator also copies the same files to `/var/runtime`, and layers to `/opt`. Those copies
/// are dropped: without a file system of its own, a container could not find them there.
pub(super) fn copy(root: &Root, from: &str, to: &str) -> anyhow::Result<()> {
    let (id, destination) = to
        .split_once(':')
        .with_context(|| format!("`{to}` is not ID:PATH"))?;
    let folder = root.container(id)?;
    folder
        .spec()?
        .with_context(|| format!("no such container: {id}"))?;
    if destination.trim_end_matches('/') == "/var/task" {
        let from = Path::new(from.strip_suffix("/.").unwrap_or(from));
        copy_tree(from, &folder.task())?;
    }
    Ok(())
}

fn copy_tree(from: &Path, to: &Path) -> anyhow::Result<()> {
    let entries = fs::read_dir(from).with_context(|| format!("can't read {}", from.display()))?;
    fs::create_dir_all(to)?;
    for entry in entries {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else {
            // The source is a temporary folder that the emulator deletes right after and never
            // writes again, so a hard link is as good as a copy and costs nothing. Linking fails
            // across file systems.
            let _ = fs::remove_file(&target);
            fs::hard_link(entry.path(), &target)
                .or_else(|_| fs::copy(entry.path(), &target).map(drop))
                .with_context(|| format!("can't copy to {}", target.display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::folder::Spec;
    use std::collections::BTreeMap;
    use std::os::unix::fs::PermissionsExt;

    fn container(root: &Root) -> String {
        let folder = root.container("ab12").unwrap();
        folder.make().unwrap();
        let spec = Spec {
            function: "f".into(),
            instance: None,
            handler: String::new(),
            env: BTreeMap::new(),
        };
        folder.write_spec(&spec).unwrap();
        "ab12".into()
    }

    #[test]
    fn code_arrives_with_its_folders_and_its_executable_bit_and_replaces_older_code() {
        let dir = tempfile::tempdir().unwrap();
        let root = Root(dir.path().join("root"));
        let id = container(&root);
        let code = dir.path().join("code");
        fs::create_dir_all(code.join("sub")).unwrap();
        fs::write(code.join("bootstrap"), "x").unwrap();
        fs::set_permissions(code.join("bootstrap"), fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(code.join("sub/data"), "y").unwrap();

        for _ in 0..2 {
            copy(
                &root,
                &format!("{}/.", code.display()),
                &format!("{id}:/var/task"),
            )
            .unwrap();
        }

        let task = root.container(&id).unwrap().task();
        assert_eq!(fs::read_to_string(task.join("sub/data")).unwrap(), "y");
        let mode = fs::metadata(task.join("bootstrap"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o755);
    }

    #[test]
    fn other_destinations_are_left_out() {
        let dir = tempfile::tempdir().unwrap();
        let root = Root(dir.path().join("root"));
        let id = container(&root);
        fs::write(dir.path().join("x"), "x").unwrap();
        copy(
            &root,
            &format!("{}/.", dir.path().display()),
            &format!("{id}:/var/runtime"),
        )
        .unwrap();
        assert_eq!(
            fs::read_dir(root.container(&id).unwrap().task())
                .unwrap()
                .count(),
            0
        );
    }

    #[test]
    fn an_unknown_container_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        assert!(copy(&Root(dir.path().into()), "/x/.", "ab12:/var/task").is_err());
    }
}
