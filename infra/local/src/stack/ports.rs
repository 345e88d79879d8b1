//! The ports that a stack listens on.
//!
//! A kept state is bound to its ports: queue URLs and the authorizer's key URL name the emulator's,
//! and the allowed origin names the API's. So a stack with a kept state starts on the same ports or
//! fails.

use std::path::Path;

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use super::{
    StackOptions,
    folder::{Folder, PORTS_FILE},
};

/// The API's port in the documentation. If it is taken, another is chosen.
pub const USUAL_API_PORT: u16 = 8080;

/// The ports to use; any free one where absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ports {
    /// The API's.
    pub api: Option<u16>,
    /// The emulator's.
    pub fakecloud: Option<u16>,
}

impl Ports {
    /// Combines the requested ports with those that a kept state is bound to.
    pub fn settle(options: &StackOptions, folder: &Folder) -> anyhow::Result<Self> {
        let kept = Self::kept(folder)?;
        Ok(Self {
            api: options.api_port.or(kept.api),
            fakecloud: match (options.fakecloud_port, kept.fakecloud) {
                (Some(asked), Some(kept)) if asked != kept => bail!(
                    "the state in {} is bound to the emulator's port {kept}",
                    folder.path().display()
                ),
                (asked, kept) => asked.or(kept),
            },
        })
    }

    /// Saves the ports for the next start, if the state is kept.
    pub fn keep(self, folder: &Folder) -> anyhow::Result<()> {
        if let Some(file) = folder.ports() {
            std::fs::write(file, serde_json::to_vec(&self)?)?;
        }
        Ok(())
    }

    fn kept(folder: &Folder) -> anyhow::Result<Self> {
        let Some(file) = folder.ports().filter(|file| file.exists()) else {
            return Ok(Self::default());
        };
        serde_json::from_slice(&std::fs::read(&file)?)
            .with_context(|| format!("{} is damaged", file.display()))
    }
}

/// Returns whether a folder holds a state that is bound to ports.
pub fn are_kept(data: Option<&Path>) -> bool {
    data.is_some_and(|data| data.join(PORTS_FILE).exists())
}

/// Listens on a loopback port, or on any free one.
pub async fn listen(port: Option<u16>) -> anyhow::Result<TcpListener> {
    let bound = TcpListener::bind(("127.0.0.1", port.unwrap_or(0))).await;
    bound.with_context(|| format!("can't listen on port {}", port.unwrap_or(0)))
}

/// Returns the usual port, or the first free one of the next hundred.
pub fn usual_or_next() -> Option<u16> {
    (USUAL_API_PORT..USUAL_API_PORT + 100)
        .find(|port| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok())
}

#[cfg(test)]
mod tests {
    use super::{Ports, listen, usual_or_next};
    use crate::stack::{StackOptions, folder::Folder};

    fn kept(fakecloud: u16) -> (tempfile::TempDir, Folder) {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::create(Some(root.path().to_owned())).unwrap();
        let ports = Ports {
            api: Some(8081),
            fakecloud: Some(fakecloud),
        };
        ports.keep(&folder).unwrap();
        (root, folder)
    }

    #[test]
    fn a_kept_state_comes_back_on_its_ports() {
        let (_root, folder) = kept(4567);
        let ports = Ports::settle(&StackOptions::default(), &folder).unwrap();
        assert_eq!((ports.api, ports.fakecloud), (Some(8081), Some(4567)));
    }

    #[test]
    fn a_kept_state_refuses_another_port_for_the_emulator() {
        let (_root, folder) = kept(4567);
        let options = StackOptions {
            fakecloud_port: Some(4568),
            ..StackOptions::default()
        };
        assert!(Ports::settle(&options, &folder).is_err());
    }

    #[tokio::test]
    async fn a_taken_port_is_an_error_that_names_it() {
        let taken = listen(None).await.unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = listen(Some(port)).await.unwrap_err().to_string();
        assert_eq!(error, format!("can't listen on port {port}"));
    }

    #[test]
    fn some_port_near_the_usual_one_is_free() {
        assert!(usual_or_next().is_some());
    }
}
