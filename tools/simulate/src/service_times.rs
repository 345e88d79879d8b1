//! Service times and sizes of the model, each with its source.
//!
//! Change them here when `docs/performance.md` has newer ones. What is only *assumed* says so.

use std::time::Duration;

/// CPU time of an image in the worker: `sharp_2725x2225_1024_512_160_ours_cpu_ms` of
/// `docs/performance.md`, which is also the `thumbnail` of `tools/bench/cost/measured.json`.
pub(crate) const ENGINE_CPU: Duration = Duration::from_millis(16);

/// CPU time of an image's calls in the worker: what `make bench-worker` measures with latencies of
/// 0, less the engine's, in `docs/performance.md`. The stub there speaks no TLS.
pub(crate) const CALLS_CPU: Duration = Duration::from_millis(1);

/// CPU time of an upload on a whole CPU: `stub_100kb_ours_cpu_ms_per_request` of
/// `docs/performance.md`.
pub(crate) const UPLOAD_CPU: Duration = Duration::from_micros(590);

/// Time of a page of a listing in the function, table included: `list_first_10000_p50_ms` of
/// `docs/performance.md`, nearly all of it CPU.
pub(crate) const LIST_CPU: Duration = Duration::from_micros(2_380);

/// CPU time of the authorizer: `tools/bench/cost/measured.json`.
pub(crate) const AUTHORIZER_CPU: Duration = Duration::from_micros(100);

/// Time of a batch of the dispatcher, nearly all of it waiting: `docs/cost.md`.
pub(crate) const DISPATCH: Duration = Duration::from_millis(30);

/// Init of a function: `cold_start_upload_ms` of `docs/performance.md`; the others are as long.
pub(crate) const INIT: Duration = Duration::from_millis(6);

/// Time before init, in which Lambda fetches the code and starts the machine. *Assumed*.
pub(crate) const BEFORE_INIT: Duration = Duration::from_millis(150);

/// Time for which Lambda keeps an idle execution environment. *Assumed*: AWS promises none.
pub(crate) const KEPT_IDLE: Duration = Duration::from_mins(10);

/// Answers of S3 and `DynamoDB`: the defaults of `make bench-worker`.
pub(crate) const GET: Duration = Duration::from_millis(20);
pub(crate) const PUT: Duration = Duration::from_millis(30);
pub(crate) const TABLE: Duration = Duration::from_millis(5);

/// A call to the identity pool. *Assumed*.
pub(crate) const EXCHANGE: Duration = Duration::from_millis(40);

/// From a put to its message in the queue of events. *Assumed*: AWS says "typically in seconds",
/// and "sometimes a minute or longer" (see `docs/scale.md`).
pub(crate) const NOTIFICATION_MEDIAN: Duration = Duration::from_secs(1);
pub(crate) const NOTIFICATION_SPREAD: f64 = 0.6;
pub(crate) const NOTIFICATION_LATE_SHARE: f64 = 1e-4;
pub(crate) const NOTIFICATION_LATE: Duration = Duration::from_mins(1);

/// From a message that is visible to the invocation of the function. *Assumed*.
pub(crate) const RECEIVE: Duration = Duration::from_millis(20);

/// How often a request that waits looks at the record: `functions/images/src/read.rs`.
pub(crate) const WAIT_LOOK: Duration = Duration::from_millis(500);

/// Longest wait and the share of an environment's time: `MaxWaitSeconds` and `WaitPercent` of
/// `infra/template.yaml`.
pub(crate) const MAX_WAIT: Duration = Duration::from_secs(5);
pub(crate) const WAIT_SHARE: f64 = 0.5;

/// Spread of all service times: the deviation of the logarithm. *Assumed*.
pub(crate) const SPREAD: f64 = 0.25;

/// Visibility timeout of the worker's queue, after which a failed message is tried in the queue of
/// retries, and `MaxAttempts` there: `infra/template.yaml`.
pub(crate) const VISIBILITY: Duration = Duration::from_mins(6);
pub(crate) const MAX_ATTEMPTS: u8 = 5;

/// Attempts of a transaction that conflicts. The longest pause after each doubles from the first of
/// these to the second: `common/aws/src/counting.rs`.
pub(crate) const CONFLICT_TRIES: u8 = 12;
pub(crate) const FIRST_CONFLICT_PAUSE: Duration = Duration::from_millis(20);
pub(crate) const LONGEST_CONFLICT_PAUSE: Duration = Duration::from_millis(1280);

/// Write units of an upload: the pending record; the finished one of 1.4 kB in a transaction; the
/// usage item in it; the index: `docs/quotas.md`, `tools/bench/cost/src/services.rs`.
pub(crate) const PENDING_UNITS: f64 = 1.0;
pub(crate) const RECORD_UNITS: f64 = 2.0;
pub(crate) const USAGE_UNITS: f64 = 2.0;

/// Read units of a page of a listing: `list_first_10000_capacity_units` of `docs/performance.md`.
pub(crate) const PAGE_UNITS: f64 = 2.0;

/// Variants of an image: `Variants` of `infra/template.yaml`.
pub(crate) const VARIANTS: u32 = 3;

/// Bytes of originals in the worker's memory at once: `ORIGINALS_AT_ONCE` of
/// `functions/thumbnail/src/main.rs`, each of `MaxImageBytes` of `infra/template.yaml`.
pub(crate) const READ_AHEAD_BYTES: u64 = 2 * 67_108_864;

/// Size of an original: `tools/bench/cost/measured.json`.
pub(crate) const ORIGINAL_BYTES: u64 = 829_183;

/// Memory of the functions in MB, and the memory of a whole CPU: `infra/template.yaml`.
pub(crate) const WORKER_MB: f64 = 1769.0;
pub(crate) const API_MB: f64 = 256.0;
pub(crate) const DISPATCH_MB: f64 = 128.0;
pub(crate) const WHOLE_CPU_MB: f64 = 1769.0;

/// Batches: `BatchSize` of the event sources in `infra/template.yaml`.
pub(crate) const DISPATCH_BATCH: usize = 10;
pub(crate) const WORKER_BATCH: usize = 5;
pub(crate) const RETRY_BATCH: usize = 1;

/// Users whose credentials an environment keeps: `CAPACITY` of `common/aws/src/credentials.rs`.
pub(crate) const CREDENTIALS_KEPT: usize = 1024;

/// Time for which credentials are good.
pub(crate) const CREDENTIALS_VALID: Duration = Duration::from_mins(55);

/// Attempts of the SDK at a call, and of a client at a request. The client's are *assumed*.
pub(crate) const SDK_ATTEMPTS: u8 = 3;
pub(crate) const CLIENT_ATTEMPTS: u8 = 5;
