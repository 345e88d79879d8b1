//! The limits that the model knows, each with its value and the address that documents it.

use strum::{EnumCount, EnumIter, IntoStaticStr};

/// A limit of AWS, or a parameter of the template that limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumCount, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Limit {
    /// `ApiRequestsPerSecond` and `ApiBurst` of the template.
    ApiRequests,
    /// Requests of all APIs of an account.
    /// <https://repost.aws/knowledge-center/api-gateway-throttling>
    AccountApiRequests,
    /// Concurrent executions of an account.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
    AccountConcurrency,
    /// 1,000 more environments of a function every 10 seconds.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/scaling-behavior.html>
    FunctionScaling,
    /// `GetId`, 25 a second.
    /// <https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html>
    CognitoGetId,
    /// `GetCredentialsForIdentity`, 200 a second; the same page.
    CognitoGetCredentials,
    /// Five batches of a queue at once, and 300 more a minute.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html>
    PollerScaling,
    /// `MaximumConcurrency` of the dispatcher in the template.
    DispatchConcurrency,
    /// `WorkerConcurrency` of the template.
    WorkerConcurrency,
    /// 3,500 writes a second of a partition of S3.
    /// <https://repost.aws/knowledge-center/s3-object-key-naming-pattern>
    S3Writes,
    /// 5,500 reads a second of a partition of S3; the same page.
    S3Reads,
    /// 4,000 write units a second of a new table, and double the previous peak.
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html>
    TableWrites,
    /// 12,000 read units a second, likewise.
    TableReads,
    /// 1,000 write units a second of a partition.
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput-scenarios.html>
    TablePartition,
    /// Transactions on one usage item conflict. `docs/quotas.md`, and
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html>
    UsageItem,
}

impl Limit {
    /// Returns the name that is printed.
    pub(crate) fn name(self) -> &'static str {
        self.into()
    }
}

/// The values of the limits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Quotas {
    pub(crate) api_requests: f64,
    pub(crate) api_burst: f64,
    pub(crate) account_api_requests: f64,
    pub(crate) account_api_burst: f64,
    pub(crate) account_concurrency: u32,
    pub(crate) function_scaling: f64,
    pub(crate) get_id: f64,
    pub(crate) get_credentials: f64,
    /// Batches of a queue at once when it becomes active, and how many more each second.
    pub(crate) pollers: u32,
    pub(crate) pollers_per_second: u32,
    pub(crate) dispatch_concurrency: u32,
    pub(crate) worker_concurrency: u32,
    pub(crate) s3_writes: f64,
    pub(crate) s3_reads: f64,
    pub(crate) table_writes: f64,
    pub(crate) table_reads: f64,
    pub(crate) partition_writes: f64,
    /// Whether images count against their users' quotas.
    pub(crate) counts_usage: bool,
    /// Whether the jobs queue is fair between users.
    pub(crate) is_fair: bool,
}

/// More than any demand.
const NO_LIMIT: f64 = 1e12;

impl Default for Quotas {
    /// The template's defaults, on an account with AWS's default quotas.
    fn default() -> Self {
        Self {
            api_requests: 100.0,
            api_burst: 200.0,
            account_api_requests: 10_000.0,
            account_api_burst: 5_000.0,
            account_concurrency: 1_000,
            function_scaling: 100.0,
            get_id: 25.0,
            get_credentials: 200.0,
            pollers: 5,
            pollers_per_second: 5,
            dispatch_concurrency: 10,
            worker_concurrency: 20,
            s3_writes: 3_500.0,
            s3_reads: 5_500.0,
            table_writes: 4_000.0,
            table_reads: 12_000.0,
            partition_writes: 1_000.0,
            counts_usage: true,
            is_fair: true,
        }
    }
}

impl Quotas {
    /// Takes a limit away, to see which comes next. Those of Lambda's pollers go to the most that a
    /// mapping allows.
    pub(crate) fn lift(&mut self, limit: Limit) {
        match limit {
            Limit::ApiRequests => {
                self.api_requests = NO_LIMIT;
                self.api_burst = NO_LIMIT;
            }
            Limit::AccountApiRequests => {
                self.account_api_requests = NO_LIMIT;
                self.account_api_burst = NO_LIMIT;
            }
            Limit::AccountConcurrency => self.account_concurrency = u32::MAX,
            Limit::FunctionScaling => self.function_scaling = NO_LIMIT,
            Limit::CognitoGetId => self.get_id = NO_LIMIT,
            Limit::CognitoGetCredentials => self.get_credentials = NO_LIMIT,
            Limit::PollerScaling => self.pollers = 1_000,
            Limit::DispatchConcurrency => self.dispatch_concurrency = 1_000,
            Limit::WorkerConcurrency => self.worker_concurrency = 1_000,
            Limit::S3Writes => self.s3_writes = NO_LIMIT,
            Limit::S3Reads => self.s3_reads = NO_LIMIT,
            Limit::TableWrites => self.table_writes = NO_LIMIT,
            Limit::TableReads => self.table_reads = NO_LIMIT,
            Limit::TablePartition => self.partition_writes = NO_LIMIT,
            Limit::UsageItem => self.counts_usage = false,
        }
    }
}
