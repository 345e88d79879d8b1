//! Listings by status, order and time.

use anyhow::{Context, ensure};
use reqwest::Method;
use serde_json::Value;

use crate::with_stack;
use crate::{
    bad_input::assert_problem,
    root::{self, id_at},
};
use integration_tests::user::TestUser;

/// The first second of the records, 2026-01-31T12:00:00Z.
const NOON: u64 = 1_769_860_800_000;

/// Returns the ids on a page, and its cursor.
pub(crate) async fn page(
    user: &TestUser<'_>,
    query: &str,
) -> anyhow::Result<(Vec<String>, Option<String>)> {
    let (status, page) = user.get(&format!("/images?{query}")).await?;
    ensure!(status == 200, "{status}: {page}");
    let ids = page["items"]
        .as_array()
        .context("items")?
        .iter()
        .filter_map(|item| item["imageId"].as_str())
        .map(str::to_owned)
        .collect();
    Ok((ids, page["nextCursor"].as_str().map(str::to_owned)))
}

/// Returns the ids on all pages, and the number of pages.
pub(crate) async fn all_pages(
    user: &TestUser<'_>,
    query: &str,
) -> anyhow::Result<(Vec<String>, usize)> {
    let (mut ids, mut cursor) = page(user, query).await?;
    let mut pages = 1;
    while let Some(text) = cursor {
        let (more, next) = page(user, &format!("{query}&cursor={text}")).await?;
        ids.extend(more);
        cursor = next;
        pages += 1;
    }
    Ok((ids, pages))
}

/// Creates a user with one record for each second from noon on.
async fn with_records(
    stack: &'static local::stack::Stack,
    statuses: &[Option<&'static str>],
) -> anyhow::Result<(TestUser<'static>, Vec<String>)> {
    let user = TestUser::new(stack).await?;
    let identity = user.own().await?.identity;
    let records: Vec<_> = (NOON..)
        .step_by(1000)
        .zip(statuses)
        .map(|(millis, status)| (id_at(millis), *status))
        .collect();
    root::seed(stack, &identity, &records).await?;
    Ok((user, records.into_iter().map(|(id, _)| id).collect()))
}

#[test]
fn a_status_selects_and_pages_are_full_all_the_same() {
    with_stack(|stack| async move {
        let statuses: Vec<_> = (0..120)
            .map(|n| match n % 40 {
                0 => Some("failed"),
                1 => None,
                _ => Some("ready"),
            })
            .collect();
        let (alice, ids) = with_records(stack, &statuses).await?;
        for (status, wanted) in [("failed", Some("failed")), ("pending", None)] {
            let mut expected: Vec<_> = ids
                .iter()
                .zip(&statuses)
                .filter(|(_, has)| **has == wanted)
                .map(|(id, _)| id.clone())
                .collect();
            expected.reverse();
            let (first, cursor) = page(&alice, &format!("status={status}&limit=2")).await?;
            assert_eq!(first, expected[..2], "{status}");
            assert!(cursor.is_some(), "{status}");
            let (all, pages) = all_pages(&alice, &format!("status={status}&limit=2")).await?;
            assert_eq!((all, pages), (expected, 2), "{status}");
        }
        let (ready, _) = all_pages(&alice, "status=ready&limit=50").await?;
        assert_eq!(ready.len(), 114);
        Ok(())
    });
}

#[test]
fn a_search_that_takes_long_gives_a_short_page_and_goes_on() {
    with_stack(|stack| async move {
        let mut statuses = vec![Some("ready"); 1100];
        statuses[0] = Some("failed");
        let (alice, ids) = with_records(stack, &statuses).await?;
        let (first, cursor) = page(&alice, "status=failed").await?;
        assert_eq!(first, Vec::<String>::new());
        let cursor = cursor.context("there is more")?;
        let (second, end) = page(&alice, &format!("status=failed&cursor={cursor}")).await?;
        assert_eq!((second, end), (vec![ids[0].clone()], None));
        Ok(())
    });
}

#[test]
fn oldest_is_newest_backwards() {
    with_stack(|stack| async move {
        let (alice, ids) = with_records(stack, &[Some("ready"); 7]).await?;
        let (oldest, pages) = all_pages(&alice, "order=oldest&limit=3").await?;
        assert_eq!((&oldest, pages), (&ids, 3));
        let (mut newest, _) = all_pages(&alice, "order=newest&limit=3").await?;
        newest.reverse();
        assert_eq!(newest, ids);
        Ok(())
    });
}

#[test]
fn from_is_inclusive_and_to_is_not() {
    with_stack(|stack| async move {
        let (alice, ids) = with_records(stack, &[Some("ready"); 5]).await?;
        for (query, expected) in [
            ("from=2026-01-31T12:00:01Z&to=2026-01-31T12:00:03Z", 1..3),
            ("from=2026-01-31T12:00:01.000Z", 1..5),
            ("from=2026-01-31T12:00:01.001Z", 2..5),
            ("to=2026-01-31T12:00:01Z", 0..1),
            ("to=2026-01-31T12:00:01.001Z", 0..2),
            ("from=2026-01-31T14:00:04%2B02:00", 4..5),
            ("from=2026-02-01T00:00:00Z", 0..0),
            ("to=2026-01-31T12:00:00Z", 0..0),
        ] {
            for limit in [1, 50] {
                let query = format!("order=oldest&limit={limit}&{query}");
                let (all, _) = all_pages(&alice, &query).await?;
                assert_eq!(all, ids[expected.clone()], "{query}");
            }
        }
        Ok(())
    });
}

#[test]
fn a_cursor_goes_with_its_own_listing_only() {
    with_stack(|stack| async move {
        let (alice, _) = with_records(stack, &[Some("ready"); 4]).await?;
        let own = "status=ready&order=oldest&from=2026-01-01T00:00:00Z&limit=1";
        let (_, cursor) = page(&alice, own).await?;
        let cursor = cursor.context("there is more")?;
        for other in [
            "order=oldest&from=2026-01-01T00:00:00Z",
            "status=failed&order=oldest&from=2026-01-01T00:00:00Z",
            "status=ready&from=2026-01-01T00:00:00Z",
            "status=ready&order=oldest&from=2026-01-02T00:00:00Z",
            "status=ready&order=oldest",
            "status=ready&order=oldest&from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z",
        ] {
            let path = format!("/images?{other}&cursor={cursor}");
            let response = alice.request(Method::GET, &path).send().await?;
            assert_problem(response, 400, "cursor-invalid", other).await?;
        }
        // The control: another limit is accepted, because it selects no records.
        for same in [
            own,
            "order=oldest&limit=3&from=2026-01-01T00:00:00Z&status=ready",
        ] {
            let (rest, _) = page(&alice, &format!("{same}&cursor={cursor}")).await?;
            assert!(!rest.is_empty(), "{same}");
        }
        Ok(())
    });
}

/// The request that carries a parameter.
#[derive(Clone, Copy)]
enum To {
    List,
    Read,
    Patch,
    Remove,
    Retry,
}

/// The query, the problem type, and the text that the detail contains.
const BAD_PARAMETERS: &[(To, &str, &str, &str)] = &[
    (To::List, "limit=0", "limit-invalid", "limit"),
    (To::List, "limit=101", "limit-invalid", "100"),
    (To::List, "limit=", "limit-invalid", "limit"),
    (To::List, "limit=1e1", "limit-invalid", "limit"),
    (To::List, "cursor=", "cursor-invalid", "cursor"),
    (To::List, "cursor=%00", "cursor-invalid", "cursor"),
    (To::List, "status=", "query-invalid", "status"),
    (
        To::List,
        "status=READY",
        "query-invalid",
        "pending, ready or failed",
    ),
    (To::List, "status=ready,failed", "query-invalid", "status"),
    (To::List, "status=deleted", "query-invalid", "status"),
    (To::List, "order=", "query-invalid", "order"),
    (
        To::List,
        "order=asc",
        "query-invalid",
        "newest, oldest or taken",
    ),
    (
        To::List,
        "takenFrom=2026-01-01T00:00:00Z",
        "query-invalid",
        "order=taken",
    ),
    (
        To::List,
        "order=taken&takenTo=2026-01-31",
        "query-invalid",
        "RFC 3339",
    ),
    (
        To::List,
        "order=taken&to=2026-01-01T00:00:00Z",
        "query-invalid",
        "order=newest",
    ),
    (
        To::List,
        "order=taken&status=pending",
        "query-invalid",
        "pending",
    ),
    (
        To::List,
        "order=taken&takenFrom=2026-01-02T00:00:00Z&takenTo=2026-01-01T00:00:00Z",
        "query-invalid",
        "takenTo",
    ),
    (To::List, "from=", "query-invalid", "from"),
    (To::List, "from=yesterday", "query-invalid", "RFC 3339"),
    (To::List, "from=2026-01-31", "query-invalid", "from"),
    (To::List, "from=1769860800", "query-invalid", "from"),
    (
        To::List,
        "from=2026-02-30T00:00:00Z",
        "query-invalid",
        "from",
    ),
    (To::List, "to=2026-01-31T12:00:00", "query-invalid", "to"),
    (
        To::List,
        "to=2026-01-31T12:00:00+02:00",
        "query-invalid",
        "%2B",
    ),
    (To::List, "to=1969-01-01T00:00:00Z", "query-invalid", "1970"),
    (
        To::List,
        "from=2026-01-31T12:00:00Z&to=2026-01-31T12:00:00Z",
        "query-invalid",
        "from",
    ),
    (To::List, "limit=1&limit=2", "query-invalid", "limit"),
    (To::List, "state=ready", "query-invalid", "state"),
    (To::List, "wait=1", "query-invalid", "wait"),
    (To::Read, "wait=", "query-invalid", "wait"),
    (To::Read, "wait=-1", "query-invalid", "0 to 20"),
    (To::Read, "wait=21", "query-invalid", "0 to 20"),
    (To::Read, "wait=1.5", "query-invalid", "wait"),
    (To::Read, "limit=1", "query-invalid", "limit"),
    (To::Patch, "caption=x", "query-invalid", "caption"),
    (To::Remove, "force=true", "query-invalid", "force"),
    (To::Retry, "force=true", "query-invalid", "force"),
];

#[test]
fn every_bad_parameter_is_refused_by_name() {
    with_stack(|stack| async move {
        let (alice, ids) = with_records(stack, &[Some("failed")]).await?;
        let one = format!("/images/{}", ids[0]);
        let long = "x".repeat(3000);
        let long_ones = [
            (To::List, long.clone(), "query-invalid", "limit"),
            (
                To::List,
                format!("cursor={long}"),
                "cursor-invalid",
                "cursor",
            ),
            (To::List, format!("limit={long}"), "limit-invalid", "limit"),
            (To::List, format!("from={long}"), "query-invalid", "from"),
        ];
        let rows = BAD_PARAMETERS
            .iter()
            .map(|&(to, query, slug, named)| (to, query.to_owned(), slug, named))
            .chain(long_ones);
        for (to, query, slug, named) in rows {
            let (method, path) = match to {
                To::List => (Method::GET, "/images".to_owned()),
                To::Read => (Method::GET, one.clone()),
                To::Patch => (Method::PATCH, one.clone()),
                To::Remove => (Method::DELETE, one.clone()),
                To::Retry => (Method::POST, format!("{one}/retry")),
            };
            let row = format!("{method} {path}?{query}");
            let request = alice.request(method, &format!("{path}?{query}"));
            let problem = assert_problem(request.send().await?, 400, slug, &row).await?;
            let detail = problem["detail"].as_str().unwrap_or_default();
            assert!(detail.contains(named), "{row}: {detail}");
            assert!(detail.len() < 400, "{row}: {detail}");
        }
        let (status, still) = alice.get(&one).await?;
        assert_eq!((status, &still["status"]), (200, &Value::from("failed")));
        Ok(())
    });
}
