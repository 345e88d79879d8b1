//! `local up`: a stack for interactive use.

use crate::users::DEMO_USERS;
use tokio::signal::unix::{SignalKind, signal};

use super::{Stack, StackOptions, ports, running::Running};
use crate::{console::line, users::PASSWORD};

/// Starts a stack, prints how to use it, and stops it on Ctrl-C or SIGTERM.
pub async fn up(mut options: StackOptions) -> anyhow::Result<()> {
    if options.api_port.is_none() && !ports::are_kept(options.data.as_deref()) {
        options.api_port = ports::usual_or_next();
        if options.api_port != Some(ports::USUAL_API_PORT) {
            line(format_args!(
                "port {} is taken; using another",
                ports::USUAL_API_PORT
            ));
        }
    }
    // Installed before the first process starts, so that an early Ctrl-C leaves none behind.
    let stopped = stop_signal()?;
    tokio::pin!(stopped);
    let stack = tokio::select! {
        stack = start(options) => stack?,
        () = &mut stopped => {
            line("\nstopped");
            return Ok(());
        }
    };
    let running = Running::of(&stack);
    let notice = running.announce()?;
    line(instructions(&running));
    stopped.await;
    line("\nstopping");
    drop(notice);
    stack.stop().await?;
    line("stopped; no process is left");
    Ok(())
}

async fn start(options: StackOptions) -> anyhow::Result<Stack> {
    let stack = Stack::start(options).await?;
    for name in DEMO_USERS {
        stack.create_user(name).await?;
    }
    Ok(stack)
}

/// Returns a future that completes with the first Ctrl-C or SIGTERM.
pub(super) fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

fn instructions(stack: &Running) -> String {
    let Running {
        api_url,
        fakecloud_url,
        logs,
        ..
    } = stack;
    let logs = logs.display();
    // The host name in the bucket's CORS rules, and a secure context for browsers.
    let page_url = api_url.replace("127.0.0.1", "localhost");
    let users = DEMO_USERS
        .map(|name| format!("{name}@example.com"))
        .join(", ");
    format!(
        "
Hikidashi is running. Open

  {page_url}

sign in as alice and drop an image.

  API        {api_url}
  AWS        {fakecloud_url}
  logs       {logs}
  users      {users}
  password   {PASSWORD}

In another terminal:

  make demo FILE=photo.jpg

or by hand:

  TOKEN=$(make --silent token)
  curl -H \"Authorization: $TOKEN\" --data-binary @photo.jpg \"{api_url}/upload?name=photo.jpg\"
  curl -H \"Authorization: $TOKEN\" {api_url}/images

Ctrl-C stops everything."
    )
}
