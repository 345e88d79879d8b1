use super::*;
use crate::{load::Span, stats::percentile};

fn load(users: u32, noisy_images: u32) -> Load {
    Load {
        users,
        visits_per_user_day: 2.0,
        pages_per_visit: 3,
        uploads_per_user_day: 1.0,
        noisy_images,
        noisy_time: Duration::from_secs(10),
        span: Span::PeakHour,
    }
}

fn met(stats: &Stats, limit: Limit) -> u64 {
    stats.met[limit as usize].times
}

#[test]
fn every_accepted_upload_ends_ready_or_given_up_or_is_still_queued() {
    let mut quotas = Quotas::default();
    quotas.lift(Limit::ApiRequests);
    quotas.lift(Limit::CognitoGetId);
    // Three variants are never taken, one original is.
    quotas.s3_writes = 2.0;
    let stats = run(load(30_000, 20), &quotas, 3);
    assert!(stats.ready == 0 && stats.given_up > 0 && stats.queued > 0);
    assert!(met(&stats, Limit::S3Writes) > 0);
    assert_eq!(stats.accepted, stats.ready + stats.given_up + stats.queued);
    assert_eq!(stats.offered, stats.accepted + stats.refused_uploads);
}

#[test]
fn nothing_is_left_when_there_was_room() {
    let stats = run(load(20_000, 0), &Quotas::default(), 3);
    assert!(stats.accepted > 100);
    assert_eq!(stats.accepted, stats.ready);
    assert_eq!((stats.queued, stats.given_up), (0, 0));
}

#[test]
fn the_seed_determines_a_run() {
    let run = |seed| run(load(10_000, 100), &Quotas::default(), seed);
    assert_eq!(run(5), run(5));
    assert_ne!(run(5), run(6));
}

#[test]
fn requests_of_an_api_below_its_limit_pass_and_above_are_refused() {
    let mut quotas = Quotas::default();
    quotas.lift(Limit::CognitoGetId);
    let below = run(load(200_000, 0), &quotas, 1);
    assert_eq!(met(&below, Limit::ApiRequests), 0);
    let above = run(load(1_000_000, 0), &quotas, 1);
    assert!(met(&above, Limit::ApiRequests) > 0);
    assert!(above.refused_uploads > 0);
}

#[test]
fn the_identity_pool_s_quota_is_met_by_many_users_only() {
    let run = |users| {
        met(
            &run(load(users, 0), &Quotas::default(), 1),
            Limit::CognitoGetId,
        )
    };
    assert_eq!(run(50_000), 0);
    assert!(run(300_000) > 0);
}

#[test]
fn a_noisy_user_meets_limits_and_holds_no_other_up() {
    let alone = run(load(5_000, 0), &Quotas::default(), 1);
    let beside = run(load(5_000, 3_000), &Quotas::default(), 1);
    assert!(met(&beside, Limit::UsageItem) > 0);
    assert_eq!(met(&alone, Limit::UsageItem), 0);
    assert_eq!(beside.noisy.len(), 3_000);
    let p99 = |stats: &Stats| percentile(&stats.quiet, 99);
    assert!(p99(&beside) < p99(&alone) + 1.0);
}

#[test]
fn a_new_account_s_concurrency_is_met_and_that_of_others_is_not() {
    let mut quotas = Quotas::default();
    quotas.lift(Limit::CognitoGetId);
    let stats = run(load(200_000, 0), &quotas, 1);
    assert_eq!(met(&stats, Limit::AccountConcurrency), 0);
    quotas.account_concurrency = 10;
    let stats = run(load(200_000, 0), &quotas, 1);
    assert!(met(&stats, Limit::AccountConcurrency) > 0);
}
