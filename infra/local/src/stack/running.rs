//! Discovery of a stack that another process of this user runs.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

use super::Stack;
use crate::{deploy::outputs::Outputs, fakecloud::find::cache_folder};

/// The addresses and outputs of a running stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// Address of the API.
    pub api_url: String,
    /// Address of S3 for browsers.
    pub s3_url: String,
    /// Address of the identity pool's API.
    pub identity_url: String,
    /// Address of the user pools' API.
    pub user_pool_url: String,
    /// Address of all other AWS services.
    pub fakecloud_url: String,
    /// The folder with the logs.
    pub logs: PathBuf,
    /// The template's outputs.
    pub outputs: Outputs,
}

impl Running {
    /// Describes a stack.
    pub fn of(stack: &Stack) -> Self {
        Self {
            api_url: stack.api_url().to_owned(),
            s3_url: stack.s3_url().to_owned(),
            identity_url: stack.identity_url().to_owned(),
            user_pool_url: stack.user_pool_url().to_owned(),
            fakecloud_url: stack.fakecloud_url().to_owned(),
            logs: stack.logs().to_owned(),
            outputs: stack.outputs().clone(),
        }
    }

    /// Writes the description where [`find`] looks, until the notice is dropped.
    pub fn announce(&self) -> anyhow::Result<Notice> {
        self.announce_in(&state_folder()?)
    }

    fn announce_in(&self, folder: &Path) -> anyhow::Result<Notice> {
        let port = self.api_url.rsplit(':').next().unwrap_or_default();
        let file = folder.join(port).join("stack.json");
        std::fs::create_dir_all(folder.join(port))
            .with_context(|| format!("can't create {}", folder.display()))?;
        std::fs::write(&file, serde_json::to_vec_pretty(self)?)?;
        Ok(Notice { file })
    }

    fn answers(&self) -> bool {
        self.api_url
            .strip_prefix("http://")
            .is_some_and(|address| std::net::TcpStream::connect(address).is_ok())
    }
}

/// The written description, which is deleted when dropped.
#[derive(Debug)]
pub struct Notice {
    file: PathBuf,
}

impl Drop for Notice {
    fn drop(&mut self) {
        if let Some(folder) = self.file.parent() {
            drop(std::fs::remove_dir_all(folder));
        }
    }
}

/// Finds the stack whose API has the given port, or the only running stack.
pub fn find(api_port: Option<u16>) -> anyhow::Result<Running> {
    find_in(&state_folder()?, api_port)
}

fn find_in(folder: &Path, api_port: Option<u16>) -> anyhow::Result<Running> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut running: Vec<Running> = entries
        .filter(|entry| api_port.is_none_or(|port| *entry.file_name() == *port.to_string()))
        .filter_map(|entry| std::fs::read(entry.path().join("stack.json")).ok())
        .filter_map(|text| serde_json::from_slice(&text).ok())
        // A killed runner leaves its description behind.
        .filter(Running::answers)
        .collect();
    running.sort_by(|one, other| one.api_url.cmp(&other.api_url));
    match (running.pop(), running.is_empty()) {
        (Some(only), true) => Ok(only),
        (None, _) => bail!("no stack is running; start one with `make run`"),
        (Some(last), false) => {
            let urls: Vec<String> = running
                .into_iter()
                .chain([last])
                .map(|stack| stack.api_url)
                .collect();
            bail!(
                "several stacks are running, name one with --api-port: {}",
                urls.join(", ")
            )
        }
    }
}

fn state_folder() -> anyhow::Result<PathBuf> {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR")
        .map(PathBuf::from)
        .filter(|folder| folder.is_dir());
    match runtime {
        Some(folder) => Ok(folder.join("hikidashi")),
        None => Ok(cache_folder()?.join("run")),
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::{Running, find_in};
    use crate::deploy::outputs::Outputs;

    fn running(api_url: String) -> Running {
        Running {
            api_url,
            s3_url: String::new(),
            identity_url: String::new(),
            user_pool_url: String::new(),
            fakecloud_url: String::new(),
            logs: "/logs".into(),
            outputs: Outputs {
                api_id: String::new(),
                api_url: String::new(),
                authenticated_role_name: String::new(),
                bucket_name: String::new(),
                dead_letter_queue_url: String::new(),
                events_queue_url: String::new(),
                identity_pool_id: String::new(),
                queue_url: String::new(),
                region: String::new(),
                retry_queue_url: String::new(),
                table_name: String::new(),
                unreadable_queue_url: String::new(),
                user_pool_client_id: String::new(),
                user_pool_id: String::new(),
            },
        }
    }

    fn listening() -> (TcpListener, Running) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        (listener, running(url))
    }

    #[test]
    fn the_only_running_stack_is_found_until_its_notice_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let (_listener, stack) = listening();
        let notice = stack.announce_in(folder.path()).unwrap();
        assert_eq!(find_in(folder.path(), None).unwrap(), stack);
        drop(notice);
        assert!(find_in(folder.path(), None).is_err());
    }

    #[test]
    fn a_stack_that_does_not_answer_is_not_found() {
        let folder = tempfile::tempdir().unwrap();
        let (listener, stack) = listening();
        let _notice = stack.announce_in(folder.path()).unwrap();
        drop(listener);
        assert!(find_in(folder.path(), None).is_err());
    }

    #[test]
    fn of_several_stacks_one_has_to_be_named() {
        let folder = tempfile::tempdir().unwrap();
        let (_one, first) = listening();
        let (_other, second) = listening();
        let _first = first.announce_in(folder.path()).unwrap();
        let _second = second.announce_in(folder.path()).unwrap();
        assert!(find_in(folder.path(), None).is_err());
        let port = second.api_url.rsplit(':').next().unwrap().parse().unwrap();
        assert_eq!(find_in(folder.path(), Some(port)).unwrap(), second);
    }
}
