//! Listings of small and of large user stores: a page should cost the same, at the beginning and in
//! the middle, by upload and by capture time.
//!
//! Each is measured twice: against a table with DynamoDB's complexity, for the function's own time,
//! and against the emulator, for the consumed capacity, by the emulator's rules and not by this
//! project's.

mod emulator;
mod encodings;

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use serde_json::Value;

use super::{
    back_end::{endpoints, stub_token},
    event,
    fake_dynamodb::Table,
    program::Program,
    records,
    runtime_api::Lambda,
};
use crate::stats::{median, millis};
use local::{
    console::line,
    package::build::{self, Profile},
};

/// Images of one user.
const SIZES: [i64; 3] = [100, 10_000, 100_000];

const PAGE: i64 = 20;

/// Position after which the page in the middle begins.
const MIDDLE: i64 = 11 - PAGE;

/// Size of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Rounds, in each of which every size has a turn.
    pub rounds: usize,
    /// Requests of a turn, for each page.
    pub block: usize,
}

/// Position of a page in the listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    First,
    Middle,
    FirstTaken,
    MiddleTaken,
}

impl Place {
    const ALL: [Self; 4] = [
        Self::First,
        Self::Middle,
        Self::FirstTaken,
        Self::MiddleTaken,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Middle => "middle",
            Self::FirstTaken => "first_taken",
            Self::MiddleTaken => "middle_taken",
        }
    }

    /// Returns the position of the page's newest image, in a user store of this size.
    fn newest(self, images: i64) -> i64 {
        match self {
            Self::First | Self::FirstTaken => records::positions(images).end - 1,
            Self::Middle | Self::MiddleTaken => MIDDLE - 1,
        }
    }
}

/// The events, of which some continue a listing in the middle.
struct Events {
    token: String,
    cursor: String,
    taken_cursor: String,
}

/// Measures and prints.
pub(crate) async fn list(effort: Effort) -> anyhow::Result<()> {
    let mut built = build::build(&["images"], Profile::Release).await?;
    let images = built.remove("images").context("cargo built no images")?;
    ordered_tables(&images, effort)?;
    encodings::encodings(&images, &stub_token()?, effort)?;
    emulator::emulator(&images, effort).await
}

fn ordered_tables(images: &Path, effort: Effort) -> anyhow::Result<()> {
    let medians = medians(user_stores(images, &SIZES, effort)?);
    print("p50_ms", &medians);
    ratios("", &medians);
    Ok(())
}

/// Measures all sizes in alternation.
fn user_stores(images: &Path, sizes: &[i64], effort: Effort) -> anyhow::Result<Times> {
    let token = stub_token()?;
    let events = {
        let beginning = Table::start(PAGE + 1)?;
        let mut lambda = Lambda::start(&program(images, endpoints(&beginning.url())))?;
        Events::to_the_middle(&mut lambda, token)?
    };
    let mut user_stores = Vec::new();
    for &size in sizes {
        let table = Table::start(size)?;
        let mut lambda = Lambda::start(&program(images, endpoints(&table.url())))?;
        for place in Place::ALL {
            turn(&mut lambda, &events, place, size, effort.block)?;
        }
        user_stores.push((size, table, lambda));
    }
    let mut times = Times::new();
    for _ in 0..effort.rounds {
        for (size, table, lambda) in &mut user_stores {
            for place in Place::ALL {
                let before = table.queries();
                let took = turn(lambda, &events, place, *size, effort.block)?;
                ensure!(
                    table.queries() - before == effort.block,
                    "a page took more than one query"
                );
                times.entry((place, *size)).or_default().extend(took);
            }
        }
    }
    Ok(times)
}

impl Events {
    /// Creates the events with a user store that contains only the page before the middle, and one
    /// more image.
    fn to_the_middle(lambda: &mut Lambda, token: String) -> anyhow::Result<Self> {
        let mut cursor = |order: &str| {
            let event = event::list(&token, &format!("limit={PAGE}&order={order}"));
            let listing = listing(&lambda.invoke(&event)?.answer)?;
            let cursor = listing["nextCursor"].as_str().context("no cursor")?;
            anyhow::Ok(cursor.to_owned())
        };
        Ok(Self {
            cursor: cursor("newest")?,
            taken_cursor: cursor("taken")?,
            token,
        })
    }

    fn event(&self, place: Place) -> Bytes {
        let (order, cursor) = match place {
            Place::First => ("newest", None),
            Place::Middle => ("newest", Some(&self.cursor)),
            Place::FirstTaken => ("taken", None),
            Place::MiddleTaken => ("taken", Some(&self.taken_cursor)),
        };
        let cursor = cursor.map(|cursor| format!("&cursor={cursor}"));
        let cursor = cursor.unwrap_or_default();
        event::list(&self.token, &format!("limit={PAGE}&order={order}{cursor}"))
    }
}

/// Measures the milliseconds of each request; fails if a page has other images than expected.
fn turn(
    lambda: &mut Lambda,
    events: &Events,
    place: Place,
    size: i64,
    requests: usize,
) -> anyhow::Result<Vec<f64>> {
    let event = events.event(place);
    let newest = place.newest(size);
    let expected: Vec<String> = (newest - PAGE + 1..=newest)
        .rev()
        .map(records::image_id)
        .collect();
    let mut took = Vec::with_capacity(requests);
    for _ in 0..requests {
        let invoked = lambda.invoke(&event)?;
        let listing = listing(&invoked.answer)?;
        let ids: Vec<&str> = listing["items"]
            .as_array()
            .context("no items")?
            .iter()
            .filter_map(|item| item["imageId"].as_str())
            .collect();
        ensure!(ids == expected, "unexpected page: {ids:?}");
        took.push(millis(invoked.took));
    }
    Ok(took)
}

/// Returns the body of a 200 response.
fn listing(answer: &[u8]) -> anyhow::Result<Value> {
    let answer: Value = serde_json::from_slice(answer)?;
    ensure!(answer["statusCode"] == 200, "unexpected response: {answer}");
    Ok(serde_json::from_str(
        answer["body"].as_str().context("no body")?,
    )?)
}

fn program(images: &Path, environment: BTreeMap<String, String>) -> Program {
    Program {
        executable: images.to_owned(),
        arguments: Vec::new(),
        environment,
    }
}

type Times = BTreeMap<(Place, i64), Vec<f64>>;
type Medians = BTreeMap<(Place, i64), f64>;

fn medians(times: Times) -> Medians {
    times
        .into_iter()
        .map(|(key, values)| (key, median(values)))
        .collect()
}

fn print(figure: &str, medians: &Medians) {
    for ((place, size), value) in medians {
        let place = place.name();
        line(format_args!("list_{place}_{size}_{figure}={value:.2}"));
    }
}

/// Prints the ratios of the largest to the smallest user store, and of the middle to the beginning.
fn ratios(figure: &str, medians: &Medians) {
    let smallest = SIZES[0];
    for place in Place::ALL {
        for size in &SIZES[1..] {
            let ratio = medians[&(place, *size)] / medians[&(place, smallest)];
            let place = place.name();
            line(format_args!(
                "list_{place}_{figure}ratio_{size}_to_{smallest}={ratio:.2}"
            ));
        }
    }
    for size in SIZES {
        for (place, base) in [
            (Place::Middle, Place::First),
            (Place::FirstTaken, Place::First),
            (Place::MiddleTaken, Place::Middle),
        ] {
            let ratio = medians[&(place, size)] / medians[&(base, size)];
            let (place, base) = (place.name(), base.name());
            line(format_args!(
                "list_{size}_{figure}ratio_{place}_to_{base}={ratio:.2}"
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs once everything that needs no emulator, so that CI detects a changed query before the
    /// next measurement does.
    #[tokio::test]
    async fn pages_can_be_measured() {
        let built = build::build(&["images"], Profile::Dev).await.unwrap();
        let images = &built["images"];
        let effort = Effort {
            rounds: 1,
            block: 1,
        };
        let times = user_stores(images, &SIZES[..1], effort).unwrap();
        assert_eq!(times.len(), Place::ALL.len());
        encodings::measure(images, &stub_token().unwrap(), effort).unwrap();
    }
}
