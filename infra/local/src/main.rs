//! The `local` binary: `local up`, `local demo`, `local token`, `local with-stack`,
//! `local as-operator`, `local fakecloud install` and `local package`.

use std::{collections::BTreeMap, ffi::OsString, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use local::{
    console::{Verbosity, line},
    container, demo,
    deploy::root,
    fakecloud::{find::InstallFolders, install, watchdog},
    package::{bootstraps, build::Profile, inspect::Architecture},
    stack::{StackOptions, operator, running, up, with},
    users::{DEMO_USERS, Users},
};

/// Runs Hikidashi on this machine: no AWS account, no Docker.
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start the stack and run it until Ctrl-C.
    Up(Up),
    /// Upload an image to the running stack and save its thumbnails.
    Demo {
        /// The image to upload; a generated one if absent.
        #[arg(long)]
        file: Option<PathBuf>,
        /// The folder that the thumbnails are saved to.
        #[arg(long, default_value = "demo-output")]
        out: PathBuf,
        /// The API's port, to choose among several running stacks.
        #[arg(long)]
        api_port: Option<u16>,
    },
    /// Sign in to the running stack and print an id token.
    Token {
        /// The user to sign in.
        #[arg(long, default_value = DEMO_USERS[0])]
        user: String,
        /// The API's port, to choose among several running stacks.
        #[arg(long)]
        api_port: Option<u16>,
    },
    /// Run a command against a stack of its own and exit with the command's exit code.
    WithStack {
        /// The command to run.
        program: OsString,
        /// The command's arguments.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Run an AWS command against the running stack, as its operator, and exit with its exit code.
    AsOperator {
        /// The API's port, to choose among several running stacks.
        #[arg(long)]
        api_port: Option<u16>,
        /// The command to run.
        program: OsString,
        /// The command's arguments.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Manage the AWS emulator.
    Fakecloud {
        #[command(subcommand)]
        command: Fakecloud,
    },
    /// Build the functions for AWS, check that they can run on Lambda, and pack them.
    Package {
        /// Check the output of `sam build` in this folder instead of building.
        #[arg(long)]
        built: Option<PathBuf>,
        /// The architecture of the stage that they are for.
        #[arg(long, value_enum, default_value_t = Architecture::X86)]
        architecture: Architecture,
    },
    /// Run a program until standard input ends.
    #[command(name = watchdog::SUBCOMMAND, hide = true)]
    Watchdog {
        program: OsString,
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

#[derive(Subcommand)]
enum Fakecloud {
    /// Find the emulator, or build and install it into the user's cache.
    Install,
}

#[derive(Args)]
struct Up {
    /// The API's port [default: 8080, or the next free one].
    #[arg(long)]
    api_port: Option<u16>,
    /// The emulator's port [default: any free one].
    #[arg(long)]
    fakecloud_port: Option<u16>,
    /// Keep users, images and records in this folder across restarts.
    #[arg(long)]
    data: Option<PathBuf>,
    /// The template's `Stage` parameter.
    #[arg(long)]
    stage: Option<String>,
    /// A template parameter, as Name=value. Can be repeated.
    #[arg(long = "parameter", value_parser = parameter)]
    parameters: Vec<(String, String)>,
    /// Build the functions in release mode, as for AWS. Takes minutes.
    #[arg(long)]
    release: bool,
}

fn main() -> ExitCode {
    if let Some(code) = container::main_if_invoked_as_cli() {
        return code;
    }
    match run(Cli::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    // Runs before the Tokio runtime starts: the watchdog needs only a thread and a blocking wait.
    if let Command::Watchdog { program, arguments } = command {
        return watchdog::run(&program, &arguments);
    }
    tokio::runtime::Runtime::new()?.block_on(run_async(command))
}

async fn run_async(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Up(options) => up::up(options.into()).await?,
        Command::Demo {
            file,
            out,
            api_port,
        } => return demo::demo(&running::find(api_port)?, file.as_deref(), &out).await,
        Command::Token { user, api_port } => {
            let stack = running::find(api_port)?;
            let users = Users::new(&root::sdk_config(&stack.user_pool_url), &stack.outputs);
            line(users.sign_in(&user).await?.id);
        }
        Command::WithStack { program, arguments } => {
            return with::with_stack(&program, &arguments).await;
        }
        Command::AsOperator {
            api_port,
            program,
            arguments,
        } => {
            return operator::as_operator(&running::find(api_port)?, &program, &arguments).await;
        }
        Command::Fakecloud {
            command: Fakecloud::Install,
        } => {
            let folders = InstallFolders::from_environment()?;
            line(
                install::find_or_install(&folders, Verbosity::Verbose)
                    .await?
                    .display(),
            );
        }
        Command::Package {
            built: None,
            architecture,
        } => bootstraps::package(architecture).await?,
        Command::Package {
            built: Some(folder),
            architecture,
        } => bootstraps::inspect_built(&folder, architecture)?,
        Command::Watchdog { .. } => {}
    }
    Ok(ExitCode::SUCCESS)
}

impl From<Up> for StackOptions {
    fn from(up: Up) -> Self {
        Self {
            api_port: up.api_port,
            fakecloud_port: up.fakecloud_port,
            data: up.data,
            stage: up.stage,
            parameters: BTreeMap::from_iter(up.parameters),
            profile: if up.release {
                Profile::Release
            } else {
                Profile::Dev
            },
            verbosity: Verbosity::Verbose,
            ..Self::default()
        }
    }
}

fn parameter(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .ok_or_else(|| "expected Name=value".to_owned())
}
