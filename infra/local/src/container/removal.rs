//! `rm`: away with a container and its processes.

use anyhow::bail;

use super::folder::{Folder, Root};

/// Kills the container's processes and deletes its folder. One that is not there is no error.
pub(super) fn remove_by_force(folder: &Folder) -> anyhow::Result<()> {
    // The supervisor first, so that it can't start another bootstrap. The second look is for one
    // that it was just starting: it is dead with its parent, unless it made no tie (see
    // `bootstrap`).
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

/// Deletes the folder of a container that does not run.
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
