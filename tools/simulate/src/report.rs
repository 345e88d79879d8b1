//! The printed lines of a run.

use anyhow::ensure;
use cost::{Measured, Prices, per_month, per_upload};
use strum::IntoEnumIterator as _;

use crate::{
    lambda::Function,
    limits::{Limit, Quotas},
    load::{Load, Span},
    output::result,
    pipeline,
    service_times::{
        API_MB, AUTHORIZER_CPU, DISPATCH_MB, PAGE_UNITS, RECORD_UNITS, USAGE_UNITS, WHOLE_CPU_MB,
        WORKER_MB,
    },
    stats::{Stats, percentile},
};

const DAYS_OF_A_MONTH: f64 = 365.0 / 12.0;

/// Prints the results of a run.
pub(crate) fn print(load: &Load, quotas: &Quotas, stats: &Stats, seed: u64) -> anyhow::Result<()> {
    let left = stats.ready + stats.given_up + stats.queued;
    ensure!(
        stats.accepted == left,
        "{left} of {} images are accounted for",
        stats.accepted
    );
    result(format_args!("users={}", load.users))?;
    let span = match load.span {
        Span::Days(days) => format!("{days}_days"),
        Span::PeakHour => "peak_hour".to_owned(),
    };
    result(format_args!("simulated={span}\nseed={seed}"))?;
    result(format_args!(
        "visits={}\nrequests={}\nuploads_offered={}\nuploads_accepted={}\nuploads_refused={}\n\
         pages_refused={}\nready={}\nqueued={}\ngiven_up={}",
        stats.visits,
        stats.requests,
        stats.offered,
        stats.accepted,
        stats.refused_uploads,
        stats.refused_pages,
        stats.ready,
        stats.queued,
        stats.given_up,
    ))?;
    for (name, times) in [("quiet", &stats.quiet), ("noisy", &stats.noisy)] {
        for (label, percent) in [("p50", 50), ("p90", 90), ("p99", 99), ("max", 100)] {
            let seconds = percentile(times, percent);
            result(format_args!("ready_s_{name}_{label}={seconds:.2}"))?;
        }
    }
    for (name, age) in ["events", "jobs", "retries"].iter().zip(stats.oldest) {
        result(format_args!(
            "oldest_message_s_{name}={:.1}",
            age.as_secs_f64()
        ))?;
    }
    for function in Function::iter() {
        let name: &str = function.into();
        let used = stats.used[function as usize];
        result(format_args!("peak_concurrency_{name}={}", used.peak))?;
        result(format_args!("cold_starts_{name}={}", used.cold_starts))?;
    }
    result(format_args!("peak_concurrency={}", stats.peak_concurrency))?;
    result(format_args!("s3_partitions={}", stats.s3_partitions))?;
    result(format_args!(
        "waits={}\nwaits_answered_at_once={}",
        stats.waits, stats.waits_answered_at_once
    ))?;
    for limit in Limit::iter() {
        let met = stats.met[limit as usize];
        result(format_args!("throttles_{}={}", limit.name(), met.times))?;
    }
    for (name, usd) in dollars(load, quotas, stats)? {
        result(format_args!("usd_per_month_{name}={usd:.2}"))?;
    }
    let first = |of_quiet| first_limit(stats, of_quiet).map_or("none", Limit::name);
    result(format_args!("first_limit_of_quiet_users={}", first(true)))?;
    result(format_args!("first_limit={}", first(false)))?;
    Ok(())
}

/// Returns the limit that was met at the earliest time, which is the lowest load.
fn first_limit(stats: &Stats, of_quiet: bool) -> Option<Limit> {
    let times = Limit::iter().filter_map(|limit| {
        let met = stats.met[limit as usize];
        let first = if of_quiet { met.first_quiet } else { met.first };
        first.map(|first| (first, limit))
    });
    times
        .min_by_key(|(first, _)| *first)
        .map(|(_, limit)| limit)
}

/// Takes away the limit that is met first, until none is met or one stays.
pub(crate) fn lift(load: &Load, mut quotas: Quotas, seed: u64) -> anyhow::Result<()> {
    result(format_args!("users={}", load.users))?;
    let mut number = 1;
    loop {
        let stats = pipeline::run(*load, &quotas, seed);
        let first = first_limit(&stats, false).map_or("none", Limit::name);
        result(format_args!(
            "limit_{number}={first} ready_s_quiet_p50={:.2} ready_s_quiet_p99={:.2} \
             uploads_refused={} peak_concurrency={}",
            percentile(&stats.quiet, 50),
            percentile(&stats.quiet, 99),
            stats.refused_uploads,
            stats.peak_concurrency,
        ))?;
        let before = quotas;
        if let Some(limit) = first_limit(&stats, false) {
            quotas.lift(limit);
        }
        if quotas == before {
            return Ok(());
        }
        number += 1;
    }
}

/// Computes the dollars of a month, from the price table of `make cost` and what the functions did.
/// Refused uploads are not paid for.
pub(crate) fn dollars(
    load: &Load,
    quotas: &Quotas,
    stats: &Stats,
) -> anyhow::Result<Vec<(&'static str, f64)>> {
    let (prices, measured) = (Prices::read()?, Measured::read()?);
    let of_month = |count: u64| approximate(count) * scale(load, stats);
    let uploads = of_month(stats.accepted);
    let mut lambda = 0.0;
    let (gb_second, request) = (
        prices.usd("lambda_gb_second")?,
        prices.usd("lambda_request")?,
    );
    for function in Function::iter() {
        let used = stats.used[function as usize];
        let megabytes = match function {
            Function::Upload | Function::Images => API_MB,
            Function::Dispatch => DISPATCH_MB,
            Function::Thumbnail => WORKER_MB,
        };
        lambda += f64::from(used.invocations) * request
            + used.busy.as_secs_f64() * megabytes / 1024.0 * gb_second;
    }
    // The authorizer, for every request that the gateway lets through.
    let authorizer = AUTHORIZER_CPU.as_secs_f64() * WHOLE_CPU_MB / 1024.0 * gb_second + request;
    lambda = lambda * scale(load, stats) + of_month(stats.admitted) * authorizer;
    let mut services = per_upload(&prices, &measured)?;
    let mut parts = vec![("lambda", lambda)];
    let requests = of_month(stats.pages + stats.waits);
    let api = services.remove("api").unwrap_or_default() * uploads
        + requests * prices.usd("http_api_request_of_512_kb")?;
    parts.push(("api", api));
    let counted = if quotas.counts_usage {
        (RECORD_UNITS + USAGE_UNITS) * prices.usd("dynamodb_write_unit")?
            + prices.usd("dynamodb_read_unit")?
    } else {
        0.0
    };
    let pages = of_month(stats.pages) * PAGE_UNITS * prices.usd("dynamodb_read_unit")?;
    let table = services.remove("dynamodb").unwrap_or_default();
    parts.push(("dynamodb", (table + counted) * uploads + pages));
    parts.extend(
        services
            .into_iter()
            .map(|(name, usd)| (name, usd * uploads)),
    );
    parts.push(("fixed", per_month(&prices, &measured)?));
    let total: f64 = parts.iter().map(|(_, usd)| usd).sum();
    parts.push(("total", total));
    Ok(parts)
}

/// Returns the visits of a month for each that was simulated.
fn scale(load: &Load, stats: &Stats) -> f64 {
    let visits = f64::from(load.users) * load.visits_per_user_day * DAYS_OF_A_MONTH;
    visits / approximate(stats.visits).max(1.0)
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn approximate(count: u64) -> f64 {
    count as f64
}
