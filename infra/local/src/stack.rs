//! The whole stack, started and stopped as one.

mod access;
pub(crate) mod artifacts;
mod event_sources;
pub mod folder;
mod gallery;
mod lambda;
pub mod operator;
mod pack;
pub mod ports;
pub mod recording;
pub mod running;
pub mod up;
pub mod warm;
pub mod with;

use crate::deploy::root::REGION;
use std::{collections::BTreeMap, path::PathBuf, pin::Pin};

use aws_config::SdkConfig;
use tokio::net::TcpListener;

use crate::{
    console::Verbosity,
    container::ContainerHost,
    deploy::{
        actions, cloudformation, conditions, edit,
        expectation::{Deployed, Expected},
        outputs::Outputs,
        root, rules,
        template::{Resource, Template},
        transactions, transport,
        users_source::UsersSource,
        verify,
    },
    fakecloud::{
        find::InstallFolders,
        install,
        server::{Server, ServerOptions, Signatures},
    },
    identity::{IdentityPool, IdentityService},
    package::build::Profile,
    proxy::{
        api::{ApiProxy, ApiTarget},
        call_recorder::{CallLog, CallRecorder},
        cognito::{CognitoProxy, PoolRules},
        faults::Faults,
        s3::S3Proxy,
    },
    users::Users,
};
use event_sources::EventSources;
use folder::Folder;
use ports::Ports;
use recording::{Calls, RecorderPorts};

/// The name of the `CloudFormation` stack.
const NAME: &str = "hikidashi";

/// A preparation of the deployment.
pub type Preparation =
    fn(SdkConfig) -> Pin<Box<dyn Future<Output = anyhow::Result<BTreeMap<String, String>>> + Send>>;

/// Options of a stack.
#[derive(Clone, Debug, Default)]
pub struct StackOptions {
    /// The API's port, which must be free. Any free one when absent.
    pub api_port: Option<u16>,
    /// The emulator's port, which must be free. Any free one when absent.
    pub fakecloud_port: Option<u16>,
    /// The folder to keep all state in; in memory when absent.
    pub data: Option<PathBuf>,
    /// The template's `Stage`; its default when absent.
    pub stage: Option<String>,
    /// Further template parameters.
    pub parameters: BTreeMap<String, String>,
    /// Another template than the project's, such as that of an earlier release. Its functions are
    /// not warmed up: those of today may lack a variable there, and not start.
    pub template: Option<PathBuf>,
    /// Called with the emulator's root before the deployment. It returns further parameters, such
    /// as the ids of a user pool that it has made.
    pub prepare: Option<Preparation>,
    /// The functions' build profile.
    pub profile: Profile,
    /// Whether progress is printed.
    pub verbosity: Verbosity,
    /// Whether signatures are verified. With verification, the API refuses bearer tokens: invoke
    /// the functions directly.
    pub signatures: Signatures,
    /// Whether the functions' calls are recorded.
    pub calls: Calls,
    /// Faults to inject into the functions' calls, where they are recorded.
    pub faults: Faults,
    /// Batches of a queue that are processed at once, where a batch may have several messages.
    pub batches_at_once: Option<usize>,
}

/// A running stack. Dropping it stops the processes without waiting for them; prefer
/// [`Stack::stop`].
pub struct Stack {
    // Fields are dropped in this order.
    event_sources: EventSources,
    server: Server,
    containers: ContainerHost,
    identity: IdentityService,
    s3_proxy: S3Proxy,
    cognito_proxy: CognitoProxy,
    api_proxy: ApiProxy,
    /// Held so that they stop when dropped.
    _recorders: Vec<CallRecorder>,
    call_log: CallLog,
    folder: Folder,
    config: SdkConfig,
    outputs: Outputs,
    users: Users,
}

impl Stack {
    /// Builds, starts and deploys everything, and leaves the functions warm.
    pub async fn start(options: StackOptions) -> anyhow::Result<Self> {
        let verbosity = options.verbosity;
        let folder = Folder::create(options.data.clone())?;
        let ports = Ports::settle(&options, &folder)?;
        let api_listener = ports::listen(ports.api).await?;
        let api_port = api_listener.local_addr()?.port();
        let s3_listener = any_port().await?;
        let identity_listener = any_port().await?;
        let user_pool_listener = any_port().await?;
        let recorder_ports = RecorderPorts::open(options.calls).await?;

        let step = verbosity.step("emulator");
        let fakecloud =
            install::find_or_install(&InstallFolders::from_environment()?, verbosity).await?;
        step.done(fakecloud.display());

        let mut template = options.template()?;
        let resources = template.resources()?;

        let step = verbosity.step("build");
        let (local_exe, archives) = pack::pack(&resources, options.profile).await?;
        let bytes: usize = archives.values().map(|archive| archive.bytes.len()).sum();
        step.done(format_args!(
            "{} functions, {} MB",
            archives.len(),
            bytes / 1_000_000
        ));

        let step = verbosity.step("start");
        let mut function_env = BTreeMap::from([
            (
                "AWS_ENDPOINT_URL_COGNITO_IDENTITY".to_owned(),
                url_of(&identity_listener)?,
            ),
            ("AWS_ENDPOINT_URL_S3".to_owned(), url_of(&s3_listener)?),
        ]);
        if let Some(recorder_ports) = &recorder_ports {
            recorder_ports.place(&mut function_env)?;
        }
        let containers = ContainerHost::create(&folder.containers(), &local_exe, &function_env)?;
        let emulated = folder.emulated();
        let server = Server::start(ServerOptions {
            fakecloud: &fakecloud,
            local_exe: &local_exe,
            port: ports.fakecloud,
            data: emulated.as_deref(),
            signatures: options.signatures,
            log: folder.log(),
            environment: containers.fakecloud_env(),
        })
        .await?;
        let identity =
            IdentityService::start(identity_listener, server.url(), folder.identities()).await?;
        let s3_proxy = S3Proxy::start(s3_listener, server.url()).await?;
        let cognito_proxy = CognitoProxy::start(user_pool_listener, server.url()).await?;
        let api_proxy = ApiProxy::start(api_listener, server.url(), cognito_proxy.url()).await?;
        let call_log = CallLog::default();
        let upstreams = [identity.url(), s3_proxy.url(), server.url()];
        let recorders = match recorder_ports {
            Some(recorder_ports) => recorder_ports.start(upstreams, &call_log, &options.faults)?,
            None => Vec::new(),
        };
        step.done(server.url());

        let step = verbosity.step("deploy");
        let config = root::sdk_config(server.url());
        let uris = artifacts::upload(&config, archives).await?;
        let (parameters, users_source) = parameters(&options, &template, api_port, &config).await?;
        place(&mut template, &uris, server.url(), &parameters)?;
        let (outputs, pairs, deployed) =
            deploy(&config, server.url(), &template, &resources, &parameters).await?;
        step.done(format_args!("{} resources, none missing", deployed.len()));

        if users_source == UsersSource::OwnPool {
            cognito_proxy.configure(pool_rules(&template, &parameters, &outputs)?);
        }
        identity
            .configure(identity_pool(&outputs, &users_source))
            .await?;
        api_proxy.configure(api_target(&outputs));
        api_proxy.show(gallery::page(&outputs, &pairs, s3_proxy.url())?);
        Ports {
            api: Some(api_port),
            fakecloud: Some(server.port()?),
        }
        .keep(&folder)?;

        if options.template.is_none() {
            warm_up(verbosity, server.url(), &deployed).await?;
        }

        let users = Users::new(&root::sdk_config(cognito_proxy.url()), &outputs);
        Ok(Self {
            event_sources: EventSources::start(&config, options.batches_at_once).await?,
            server,
            containers,
            identity,
            s3_proxy,
            cognito_proxy,
            api_proxy,
            _recorders: recorders,
            call_log,
            folder,
            config,
            outputs,
            users,
        })
    }

    /// Stops everything and waits until no process is left, and the API's port is free.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.server.stop().await?;
        // A kept state is started again on the same port.
        self.api_proxy.stop().await;
        // The emulator removes its containers when it stops; this is for those that it lost track
        // of.
        self.containers.stop_all()
    }
}

impl StackOptions {
    fn template(&self) -> anyhow::Result<Template> {
        match &self.template {
            Some(path) => Template::parse(&std::fs::read_to_string(path)?),
            None => Template::read(),
        }
    }
}

async fn warm_up(
    verbosity: Verbosity,
    fakecloud_url: &str,
    deployed: &[Deployed],
) -> anyhow::Result<()> {
    let step = verbosity.step("warm up");
    let warmed = warm::warm_up(fakecloud_url, deployed).await?;
    step.done(format_args!("{warmed} functions"));
    Ok(())
}

/// Makes the template one that the emulator deploys.
fn place(
    template: &mut Template,
    uris: &BTreeMap<String, String>,
    fakecloud_url: &str,
    parameters: &BTreeMap<String, String>,
) -> anyhow::Result<()> {
    edit::place_code(template, uris)?;
    edit::place_keys(template, fakecloud_url, parameters)?;
    edit::disable_event_sources(template);
    actions::place(template);
    transactions::allow_updates_together(template);
    transport::allow_plain_http(template);
    let conditions = conditions::evaluate(template, parameters)?;
    edit::place_conditions(template, &conditions);
    Ok(())
}

/// Deploys the template and verifies that all of it was deployed.
async fn deploy(
    config: &SdkConfig,
    fakecloud_url: &str,
    template: &Template,
    resources: &[Resource],
    parameters: &BTreeMap<String, String>,
) -> anyhow::Result<(Outputs, BTreeMap<String, String>, Vec<Deployed>)> {
    let stack = cloudformation::deploy(config, NAME, &template.to_string(), parameters).await?;
    let pairs = cloudformation::outputs(&stack);
    let outputs = Outputs::from_pairs(pairs.clone())?;
    let deployed = cloudformation::resources(config, NAME).await?;
    let expected = Expected {
        resources,
        conditions: &conditions::evaluate(template, parameters)?,
    };
    verify::verify(config, fakecloud_url, expected, &deployed, &outputs).await?;
    Ok((outputs, pairs, deployed))
}

async fn any_port() -> anyhow::Result<TcpListener> {
    Ok(TcpListener::bind(("127.0.0.1", 0)).await?)
}

fn url_of(listener: &TcpListener) -> anyhow::Result<String> {
    Ok(format!("http://{}", listener.local_addr()?))
}

/// Returns the parameters of the deployment, and whose users it is for. Fails if these do not fit.
async fn parameters(
    options: &StackOptions,
    template: &Template,
    api_port: u16,
    config: &SdkConfig,
) -> anyhow::Result<(BTreeMap<String, String>, UsersSource)> {
    let mut parameters = BTreeMap::from([(
        "AllowedOrigins".to_owned(),
        // Both addresses are in use.
        format!("http://localhost:{api_port},http://127.0.0.1:{api_port}"),
    )]);
    if let Some(stage) = &options.stage {
        parameters.insert("Stage".to_owned(), stage.clone());
    }
    parameters.extend(options.parameters.clone());
    if let Some(prepare) = options.prepare {
        parameters.extend(prepare(config.clone()).await?);
    }
    rules::check(template, &parameters)?;
    let users_source = UsersSource::of(&parameters)?;
    users_source.check(config).await?;
    Ok((parameters, users_source))
}

fn api_target(outputs: &Outputs) -> ApiTarget {
    ApiTarget {
        api_id: outputs.api_id.clone(),
        region: outputs.region.clone(),
        stage: "$default".to_owned(),
    }
}

/// Returns what the template says of its user pool, and the emulator ignores.
fn pool_rules(
    template: &Template,
    parameters: &BTreeMap<String, String>,
    outputs: &Outputs,
) -> anyhow::Result<PoolRules> {
    let conditions = conditions::evaluate(template, parameters)?;
    let pool = template.at(&["Resources", "UserPool", "Properties"]);
    let admin_create_only = &pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"];
    let case_sensitive = &pool["UsernameConfiguration"]["CaseSensitive"];
    Ok(PoolRules {
        client_id: outputs.user_pool_client_id.clone(),
        user_pool_id: outputs.user_pool_id.clone(),
        admin_create_only: conditions::decided(admin_create_only, &conditions) == true,
        ignores_case: conditions::decided(case_sensitive, &conditions) == false,
    })
}

fn identity_pool(outputs: &Outputs, users_source: &UsersSource) -> IdentityPool {
    let own = [&outputs.user_pool_id, &outputs.user_pool_client_id];
    let (issuer, client_ids) = users_source.tokens(own.map(String::as_str));
    IdentityPool {
        region: REGION.to_owned(),
        identity_pool_id: outputs.identity_pool_id.clone(),
        issuer,
        client_ids,
        authenticated_role_name: outputs.authenticated_role_name.clone(),
    }
}
