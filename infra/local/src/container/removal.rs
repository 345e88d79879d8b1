//! `rm`: removing a container and its processes.

use anyhow::bail;

use super::folder::{Folder, Root};

/// Kills the container's processes and deletes its folder. A missing container is no error.
pub(super) fn remove_by_force(folder: &Folder) -> anyhow::Result<()> {
    // The supervisor first, so that it can't start another bootstrap. The second pass is for a
    // bootstrap that was just starting: it dies with its parent, unless it had not yet asked the
    // kernel for that (see `bootstrap`).
    for _ in 0..2 {
        if let Some(state) = folder.state()? {
            state.supervisor.kill()?;
            if let Some(bootstrap) = state.bootstrap {
                bootstrap.kill()?;
            }
        }
    }
    folder.delete()
}

/// Deletes the folder of a container that is not running.
pub(super) fn remove(root: &Root, id: &str) -> anyhow::Result<()> {
    let folder = root.container(id)?;
    if folder
        .state()?
        .is_some_and(|state| state.supervisor.is_alive())
    {
        bail!("container {id} is running: stop it before removing it, or use -f");
    }
    folder.delete()
}
