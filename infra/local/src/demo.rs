//! `local demo`: an upload as a user would do it, from signing in to the saved thumbnails.

pub mod api;
pub mod image;
pub mod image_file;
pub mod table;

use crate::users::DEMO_USERS;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};

use crate::{console::line, deploy::root, stack::running::Running, users::Users};
use api::Api;
use image::{Image, Status};
use image_file::ImageFile;

const READY_WITHIN: Duration = Duration::from_mins(1);
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Uploads an image file (or a generated image) as the first demo user and saves its thumbnails.
///
/// If the image fails, it prints the failure code and returns exit code 1.
pub async fn demo(stack: &Running, file: Option<&Path>, folder: &Path) -> anyhow::Result<ExitCode> {
    let [user, ..] = DEMO_USERS;
    let image_file = match file {
        Some(file) => ImageFile::read(file)?,
        None => ImageFile::generate()?,
    };
    let users = Users::new(&root::sdk_config(&stack.user_pool_url), &stack.outputs);
    let tokens = users.sign_in(user).await?;
    let api = Api::new(&stack.api_url, tokens.id)?;

    line(format_args!(
        "uploading {} ({}) as {user}",
        image_file.name,
        table::bytes(image_file.bytes.len() as u64)
    ));
    let started = Instant::now();
    let uploaded = api.upload(image_file).await?;
    line(format_args!(
        "{} is uploaded after {:.1} s; waiting for its thumbnails",
        uploaded.image_id,
        started.elapsed().as_secs_f64()
    ));
    let image = finished(&api, &uploaded.image_id).await?;
    line(format_args!(
        "{} after {:.1} s\n",
        image.status,
        started.elapsed().as_secs_f64()
    ));
    line(table::table(&api.list().await?));

    if image.status == Status::Failed {
        line(format_args!("\n{}", image.why()));
        return Ok(ExitCode::FAILURE);
    }
    for file in save(&api, &image, folder).await? {
        line(file.display());
    }
    line(format_args!(
        "\nthe thumbnails are in {}",
        folder.canonicalize()?.display()
    ));
    Ok(ExitCode::SUCCESS)
}

async fn finished(api: &Api, image_id: &str) -> anyhow::Result<Image> {
    let started = Instant::now();
    loop {
        let image = api.read(image_id).await?;
        if image.status != Status::Pending {
            return Ok(image);
        }
        if started.elapsed() > READY_WITHIN {
            bail!("{image_id} is still pending; see the worker's log");
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn save(api: &Api, image: &Image, folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("can't create {}", folder.display()))?;
    let mut saved = Vec::new();
    for thumbnail in &image.thumbnails {
        let bytes = api.download(&thumbnail.url).await?;
        let file = folder.join(thumbnail.file_name(image, &bytes));
        std::fs::write(&file, bytes).with_context(|| format!("can't write {}", file.display()))?;
        saved.push(file);
    }
    Ok(saved)
}
