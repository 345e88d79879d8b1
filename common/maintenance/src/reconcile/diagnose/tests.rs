use common::{keys::Stage, record::Original};
use engine::{KeepLocation, VariantSet, VariantSpec};
use media::variant_format::VariantFormat;

use super::*;

const PLACE: &str =
    "eu-west-1:01234567-89ab-cdef-0123-456789abcdef/0190a5d0-7bcd-7abc-8def-0123456789ab";
/// Years after the image id.
const NOW: i64 = 1_900_000_000;

fn image_ref() -> ImageRef {
    ImageRef::parse(PLACE).unwrap()
}

/// Returns the time this many seconds before `NOW`.
fn ago(secs: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(NOW - secs).unwrap()
}

fn set() -> VariantSet {
    VariantSet::new(
        &VariantSpec::parse_list("small:160,large:1024").unwrap(),
        80,
    )
}

fn original(extension: &str, etag: &str) -> ListedOriginal {
    let stage = Stage::parse("dev").unwrap();
    ListedOriginal {
        key: OriginalKey::parse(&stage, &format!("original-files/dev/{PLACE}.{extension}"))
            .unwrap(),
        size_bytes: 100,
        etag: Some(etag.to_owned()),
        last_modified: ago(5000),
    }
}

fn variant(file: &str) -> ListedVariant {
    ListedVariant {
        key: VariantKey {
            image_ref: image_ref(),
            file: file.to_owned(),
        },
        size_bytes: 10,
        etag: Some(format!("etag of {file}")),
        last_modified: ago(4000),
    }
}

fn thumbnail(name: &str) -> Thumbnail {
    Thumbnail {
        name: name.to_owned(),
        width: 1,
        height: 1,
        size_bytes: 10,
        format: VariantFormat::Jpeg,
        etag: Some(format!("etag of {name}.jpg")),
    }
}

fn completed(status: Status) -> RecordFacts {
    RecordFacts {
        sequencer: Some(Sequencer::parse("AB").unwrap()),
        processed_at: Some(ago(4000)),
        original: Some(Original {
            extension: common::keys::Extension::parse("jpg").unwrap(),
            size_bytes: 100,
            etag: Some("e".to_owned()),
        }),
        ..RecordFacts::bare(status)
    }
}

fn ready() -> RecordFacts {
    RecordFacts {
        thumbnails: Some(vec![thumbnail("large"), thumbnail("small")]),
        variant_set: Some(set().version().to_owned()),
        fact_set: Some("1".to_owned()),
        ..completed(Status::Ready)
    }
}

fn failed() -> RecordFacts {
    RecordFacts {
        has_failure: true,
        fact_set: Some("none".to_owned()),
        ..completed(Status::Failed)
    }
}

/// Builds a consistent image state.
fn whole() -> ImageState {
    ImageState {
        image_ref: image_ref(),
        originals: vec![original("jpg", "e")],
        record: Some(ready()),
        variants: vec![variant("large.jpg"), variant("small.jpg")],
    }
}

fn whole_but(change: impl FnOnce(&mut ImageState)) -> ImageState {
    let mut state = whole();
    change(&mut state);
    state
}

fn with_record(change: impl FnOnce(&mut RecordFacts)) -> ImageState {
    whole_but(|state| change(state.record.as_mut().unwrap()))
}

fn judged(state: &ImageState) -> Finding {
    judged_with(state, KeepLocation::Off)
}

fn judged_with(state: &ImageState, keep_location: KeepLocation) -> Finding {
    judged_by(state, keep_location, Counting::Off)
}

fn judged_by(state: &ImageState, keep_location: KeepLocation, counting: Counting) -> Finding {
    let wanted = Wanted {
        variant_set: set(),
        keep_location,
    };
    diagnose(
        state,
        &Rules {
            now: ago(0),
            grace: Duration::minutes(15),
            wanted: &wanted,
            counting,
        },
    )
}

#[track_caller]
fn assert_replayed(state: &ImageState, reason: Reason) -> (String, Option<Sequencer>) {
    match judged(state) {
        Finding::Replay {
            key,
            seen,
            reason: given,
        } if given == reason => (key.to_string(), seen),
        other => panic!("{other:?}"),
    }
}

/// Returns whether the record is removed, and which variants.
#[track_caller]
fn removed(state: &ImageState) -> (bool, Vec<String>) {
    match judged(state) {
        Finding::Remove { record, variants } => (
            record.is_some(),
            variants.into_iter().map(|key| key.file).collect(),
        ),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_consistent_image_is_left_alone() {
    assert!(matches!(judged(&whole()), Finding::Whole));
    let failed = whole_but(|state| {
        state.record = Some(failed());
        state.variants.clear();
    });
    assert!(matches!(judged(&failed), Finding::Whole));
}

#[test]
fn an_image_that_changed_within_the_grace_period_is_left_alone() {
    let original = whole_but(|state| {
        state.originals[0].last_modified = ago(10);
        state.record = None;
    });
    let variant = whole_but(|state| {
        state.originals.clear();
        state.variants[1].last_modified = ago(10);
    });
    let record = with_record(|record| {
        record.processed_at = Some(ago(10));
        record.variant_set = None;
    });
    for state in [original, variant, record] {
        assert!(matches!(judged(&state), Finding::Young), "{state:?}");
    }
}

#[test]
fn an_original_without_a_record_that_the_worker_wrote_is_replayed_before_all_events() {
    let none = whole_but(|state| state.record = None);
    let pending = whole_but(|state| state.record = Some(RecordFacts::bare(Status::Pending)));
    for state in [none, pending] {
        let (key, seen) = assert_replayed(&state, Reason::NoRecord);
        assert_eq!(key, format!("original-files/dev/{PLACE}.jpg"));
        assert_eq!(seen, None);
    }
}

#[test]
fn a_replay_carries_the_sequencer_that_was_seen() {
    let state = with_record(|record| record.variant_set = None);
    let (_, seen) = assert_replayed(&state, Reason::OtherSet);
    assert_eq!(seen, Some(Sequencer::parse("AB").unwrap()));
}

#[test]
fn a_record_of_other_bytes_is_stale() {
    assert_replayed(
        &whole_but(|state| state.originals[0].etag = Some("f".to_owned())),
        Reason::Stale,
    );
    assert_replayed(
        &whole_but(|state| state.originals[0].size_bytes = 101),
        Reason::Stale,
    );
    assert_replayed(
        &whole_but(|state| state.originals[0] = original("png", "e")),
        Reason::Stale,
    );
}

#[test]
fn a_record_without_an_etag_has_to_be_newer_than_its_original() {
    let no_tag = |record: &mut RecordFacts| {
        record.original.as_mut().unwrap().etag = None;
    };
    assert!(matches!(judged(&with_record(no_tag)), Finding::Whole));
    let overwritten = with_record(|record| {
        no_tag(record);
        record.processed_at = Some(ago(6000));
    });
    assert_replayed(&overwritten, Reason::Stale);
    let never_processed = with_record(|record| {
        no_tag(record);
        record.processed_at = None;
    });
    assert_replayed(&never_processed, Reason::Stale);
}

#[test]
fn an_incomplete_record_is_stale() {
    assert_replayed(
        &with_record(|record| record.thumbnails = None),
        Reason::Stale,
    );
    assert_replayed(
        &with_record(|record| record.thumbnails = Some(Vec::new())),
        Reason::Stale,
    );
    assert_replayed(&with_record(|record| record.original = None), Reason::Stale);
    let without_reason = RecordFacts {
        has_failure: false,
        ..failed()
    };
    assert_replayed(
        &whole_but(|state| state.record = Some(without_reason)),
        Reason::Stale,
    );
}

#[test]
fn a_record_that_is_hidden_or_would_expire_is_stale_while_its_original_exists() {
    for expires_at in [0, NOW + 1000] {
        assert_replayed(
            &with_record(|record| record.expires_at = Some(expires_at)),
            Reason::Stale,
        );
    }
}

#[test]
fn an_image_that_the_dead_letter_function_failed_stays_failed() {
    let given_up = whole_but(|state| {
        state.record = Some(RecordFacts {
            original: None,
            ..failed()
        });
        state.variants.clear();
    });
    assert!(matches!(judged(&given_up), Finding::Whole));
}

#[test]
fn a_variant_that_is_missing_or_has_other_bytes_is_made_again() {
    let change =
        |change: fn(&mut Vec<ListedVariant>)| whole_but(|state| change(&mut state.variants));
    for state in [
        change(|variants| drop(variants.pop())),
        change(Vec::clear),
        change(|variants| variants[0].size_bytes = 0),
        change(|variants| variants[0].etag = Some("other".to_owned())),
    ] {
        assert_replayed(&state, Reason::Variants);
    }
}

#[test]
fn a_record_of_another_set_or_of_none_is_made_again_but_a_failed_one_is_not() {
    assert_replayed(
        &with_record(|record| record.variant_set = Some("1-0".to_owned())),
        Reason::OtherSet,
    );
    assert_replayed(
        &with_record(|record| record.variant_set = None),
        Reason::OtherSet,
    );
}

#[test]
fn variants_that_no_record_knows_are_removed_and_nothing_else() {
    let left_over = whole_but(|state| state.variants.push(variant("medium.jpg")));
    assert_eq!(removed(&left_over), (false, vec!["medium.jpg".to_owned()]));
    let of_a_failed = whole_but(|state| state.record = Some(failed()));
    assert_eq!(removed(&of_a_failed).1.len(), 2);
    let of_nothing = whole_but(|state| {
        state.originals.clear();
        state.record = None;
    });
    assert_eq!(removed(&of_nothing).1.len(), 2);
}

#[test]
fn a_record_without_its_original_is_removed() {
    let state = whole_but(|state| state.originals.clear());
    assert!(removed(&state).0);
    assert_eq!(removed(&state).1.len(), 2);
    let hidden = whole_but(|state| {
        state.originals.clear();
        state.variants.clear();
        state.record.as_mut().unwrap().expires_at = Some(0);
    });
    assert_eq!(removed(&hidden), (true, Vec::new()));
}

#[test]
fn an_upload_that_has_not_come_is_left_to_the_table_s_ttl() {
    let pending = |expires_at, image: Option<&str>| {
        whole_but(|state| {
            state.originals.clear();
            state.variants.clear();
            state.record = Some(RecordFacts {
                expires_at,
                ..RecordFacts::bare(Status::Pending)
            });
            if let Some(image) = image {
                let identity = state.image_ref.identity.clone();
                state.image_ref = ImageRef::parse(&format!("{identity}/{image}")).unwrap();
            }
        })
    };
    for expires_at in [0, NOW - 1, NOW + 86_400] {
        let state = pending(Some(expires_at), None);
        assert!(matches!(judged(&state), Finding::Awaited), "{expires_at}");
    }
    // No TTL would ever remove it.
    assert_eq!(removed(&pending(None, None)), (true, Vec::new()));
    // The id's timestamp is one second before now.
    let fresh = "01ba60d3-3418-7abc-8def-0123456789ab";
    assert!(matches!(
        judged(&pending(None, Some(fresh))),
        Finding::Awaited
    ));
}

#[test]
fn of_several_originals_the_newest_is_replayed_unless_the_record_has_one() {
    let mut other = original("png", "f");
    other.last_modified = ago(4500);
    let two = whole_but(|state| state.originals.push(other.clone()));
    assert!(matches!(judged(&two), Finding::Whole));
    let none_of_them = whole_but(|state| {
        state.originals[0].etag = Some("g".to_owned());
        state.originals.push(other);
    });
    let (key, _) = assert_replayed(&none_of_them, Reason::Stale);
    assert_eq!(key, format!("original-files/dev/{PLACE}.png"));
}

fn reason(finding: &Finding) -> Option<Reason> {
    match finding {
        Finding::Replay { reason, .. } => Some(*reason),
        _ => None,
    }
}

#[test]
fn records_without_facts_are_replayed_once_whatever_their_status() {
    let of_before = with_record(|record| record.fact_set = None);
    assert_eq!(reason(&judged(&of_before)), Some(Reason::OtherFacts));
    let failed_with = |fact_set: Option<&str>| {
        whole_but(|state| {
            state.variants.clear();
            state.record = Some(RecordFacts {
                fact_set: fact_set.map(str::to_owned),
                ..failed()
            });
        })
    };
    assert_eq!(
        reason(&judged(&failed_with(None))),
        Some(Reason::OtherFacts)
    );
    // An image that fails again has no facts, whatever is kept.
    for keep_location in [KeepLocation::Off, KeepLocation::On] {
        let finding = judged_with(&failed_with(Some(common::record::NO_FACTS)), keep_location);
        assert!(matches!(finding, Finding::Whole), "{finding:?}");
    }
}

#[test]
fn a_change_of_keep_location_is_a_reason_in_both_directions() {
    for (read_with, wanted) in [
        (KeepLocation::Off, KeepLocation::On),
        (KeepLocation::On, KeepLocation::Off),
    ] {
        let state = with_record(|record| record.fact_set = Some(read_with.fact_set().to_owned()));
        assert_eq!(
            reason(&judged_with(&state, wanted)),
            Some(Reason::OtherFacts)
        );
        assert!(matches!(judged_with(&state, read_with), Finding::Whole));
    }
}

fn counted(state: &ImageState) -> Finding {
    judged_by(state, KeepLocation::Off, Counting::On)
}

#[test]
fn a_record_counts_its_original() {
    let right = with_record(|record| record.counted = Some(100));
    assert!(matches!(counted(&right), Finding::Whole));
    for before in [None, Some(99)] {
        let wrong = with_record(|record| record.counted = before);
        assert!(
            matches!(
                counted(&wrong),
                Finding::Recount {
                    counts: Some(100),
                    ..
                }
            ),
            "{before:?}"
        );
        assert!(matches!(judged(&wrong), Finding::Whole), "quotas are off");
    }
}

#[test]
fn an_original_beyond_the_quota_counts_nothing_and_is_removed() {
    let over_quota = |counted| {
        whole_but(|state| {
            state.variants.clear();
            state.record = Some(RecordFacts {
                is_over_quota: true,
                counted,
                ..failed()
            });
        })
    };
    let found = counted(&over_quota(None));
    assert!(matches!(found, Finding::OverQuota { .. }), "{found:?}");
    let found = counted(&over_quota(Some(100)));
    assert!(
        matches!(found, Finding::Recount { counts: None, .. }),
        "{found:?}"
    );
    assert!(matches!(judged(&over_quota(None)), Finding::Whole));
    let mut young = over_quota(None);
    young.originals[0].last_modified = ago(10);
    assert!(matches!(counted(&young), Finding::Young));
}
