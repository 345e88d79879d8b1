//! The pictures of `docs/scale.md`.

use std::{fs, path::Path};

use anyhow::Context as _;

use crate::{
    Arguments,
    lambda::Function,
    limits::{Limit, Quotas},
    output::progress,
    pipeline,
    report::dollars,
    stats::{Stats, percentile},
    svg::{Chart, Scale, Series},
};

/// Users of the points of the curves.
const USERS: [u32; 9] = [
    1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000, 10_000_000,
];

/// Users of the stage in which the noisy user is shown.
const BESIDE_NOISY: u32 = 100_000;

/// Simulates all sizes and writes the pictures.
pub(crate) fn write(folder: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let folder_name = folder.display();
    fs::create_dir_all(folder).with_context(|| format!("can't create {folder_name}"))?;
    let save = |name: &str, chart: &Chart| -> anyhow::Result<()> {
        let path = folder.join(name);
        fs::write(&path, chart.draw()?).with_context(|| format!("can't write {}", path.display()))
    };
    let quotas = raised(arguments.quotas());
    let mut points = Vec::new();
    for users in USERS {
        progress(format_args!("{users} users"))?;
        let load = arguments.load(users);
        let stats = pipeline::run(load, &quotas, arguments.seed);
        let usd = dollars(&load, &quotas, &stats)?;
        let usd = usd.last().map_or(f64::NAN, |(_, usd)| *usd);
        points.push((f64::from(users), stats, usd));
    }
    let series = |name, value: &dyn Fn(&Stats, f64) -> f64| Series {
        name,
        points: points
            .iter()
            .map(|(users, stats, usd)| (*users, value(stats, *usd)))
            .collect(),
    };
    save(
        "ready.svg",
        &Chart {
            title: "Time from an accepted upload to its thumbnails",
            x: ("users", Scale::Log),
            y: ("seconds", Scale::Linear),
            series: vec![
                series("p50, quiet", &|stats, _| percentile(&stats.quiet, 50)),
                series("p99, quiet", &|stats, _| percentile(&stats.quiet, 99)),
                series("p50, noisy", &|stats, _| percentile(&stats.noisy, 50)),
                series("p99, noisy", &|stats, _| percentile(&stats.noisy, 99)),
            ],
        },
    )?;
    let peak =
        |function: Function| move |stats: &Stats, _| f64::from(stats.used[function as usize].peak);
    save(
        "concurrency.svg",
        &Chart {
            title: "Peak of concurrent executions",
            x: ("users", Scale::Log),
            y: ("executions", Scale::Log),
            series: vec![
                series("all", &|stats, _| f64::from(stats.peak_concurrency)),
                series("images", &peak(Function::Images)),
                series("upload", &peak(Function::Upload)),
                series("thumbnail", &peak(Function::Thumbnail)),
            ],
        },
    )?;
    save(
        "dollars.svg",
        &Chart {
            title: "Cost of a month",
            x: ("users", Scale::Log),
            y: ("dollars", Scale::Log),
            series: vec![series("total", &|_, usd| usd)],
        },
    )?;
    save("noisy.svg", &noisy(arguments, &quotas))
}

/// The limits of the API and of the identity pool raised, as the table of `docs/scale.md` says:
/// else large stages would refuse nearly everything.
fn raised(mut quotas: Quotas) -> Quotas {
    for limit in [
        Limit::ApiRequests,
        Limit::CognitoGetId,
        Limit::CognitoGetCredentials,
    ] {
        quotas.lift(limit);
    }
    quotas
}

/// The jobs queue in the minute in which a noisy user comes, with many workers and with few.
fn noisy(arguments: &Arguments, quotas: &Quotas) -> Chart {
    let mut load = arguments.load(BESIDE_NOISY);
    load.span = crate::load::Span::PeakHour;
    let from = load.noisy_at()[0].as_secs();
    let stats = pipeline::run(load, quotas, arguments.seed);
    let few = pipeline::run(
        load,
        &Quotas {
            worker_concurrency: 5,
            ..*quotas
        },
        arguments.seed,
    );
    let waiting = |name, stats: &Stats| {
        let seconds = usize::try_from(from).unwrap_or(usize::MAX);
        let lengths = stats.jobs_waiting.iter().skip(seconds).take(45);
        Series {
            name,
            points: (0_u32..)
                .map(f64::from)
                .zip(lengths.map(|length| u32::try_from(*length).map_or(f64::NAN, f64::from)))
                .collect(),
        }
    };
    Chart {
        title: "Jobs that wait after a noisy user has come",
        x: ("seconds", Scale::Linear),
        y: ("messages", Scale::Linear),
        series: vec![
            waiting("WorkerConcurrency 20", &stats),
            waiting("WorkerConcurrency 5", &few),
        ],
    }
}
