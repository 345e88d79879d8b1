//! The budgets of a run, and its continuation by the next run.

use maintenance::reconcile::{Cursor, Mode, Options, Report};

use crate::{album::Album, fixtures, in_turn};

#[test]
fn a_run_stops_at_its_message_budget_and_the_next_run_continues() {
    in_turn(|stack| async move {
        let album = Album::of(stack, 12).await?;
        for image in &album.images {
            fixtures::remove_record(stack, &album.identity, image).await?;
        }
        let runs = in_steps(stack, |step| step.max_enqueue = 5).await?;
        let enqueued: Vec<u64> = runs.iter().map(|report| report.enqueued).collect();
        assert_eq!(enqueued, [5, 5, 2]);
        let left: Vec<u64> = runs.iter().map(|report| report.budget_left).collect();
        assert_eq!(left, [0, 0, 3]);
        album.becomes_whole().await
    });
}

#[test]
fn a_run_stops_at_its_removal_budget_and_the_next_run_continues() {
    in_turn(|stack| async move {
        let album = Album::of(stack, 7).await?;
        let (with_files, without) = album.images.split_at(4);
        fixtures::without_notifications(
            stack,
            Box::pin(async {
                for image in &album.images {
                    fixtures::delete(stack, &album.original(image)).await?;
                }
                for image in without {
                    for name in ["small", "medium", "large"] {
                        fixtures::delete(stack, &album.variant(image, name)).await?;
                    }
                }
                Ok(())
            }),
        )
        .await?;
        assert_eq!(with_files.len() * 4 + without.len(), 19);
        // A record is removed together with its three variants. Records without objects follow.
        let runs = in_steps(stack, |step| step.max_remove = 9).await?;
        let removed: u64 = runs.iter().map(|report| report.removed).sum();
        assert_eq!(removed, 19);
        assert!(runs.iter().all(|report| report.removed <= 9), "{runs:?}");
        assert_eq!(runs.len(), 3);
        album.invariant().await
    });
}

#[test]
fn a_run_without_time_does_nothing_and_returns_where_to_start() {
    in_turn(|stack| async move {
        let album = Album::of(stack, 2).await?;
        fixtures::remove_record(stack, &album.identity, &album.images[0]).await?;
        for cursor in [Cursor::Bucket(None), Cursor::Table(None)] {
            let options = Options {
                deadline: Some(tokio::time::Instant::now()),
                resume: Some(cursor.clone()),
                ..fixtures::options(Mode::Apply)
            };
            let report = fixtures::run(stack, &options).await?;
            let nothing = Report {
                budget_left: 1000,
                resume: cursor.to_string(),
                ..Report::default()
            };
            assert_eq!(report, nothing);
        }
        fixtures::run(stack, &fixtures::options(Mode::Apply)).await?;
        album.becomes_whole().await
    });
}

/// Runs until there is nothing left to resume.
async fn in_steps(
    stack: &local::stack::Stack,
    limit: impl Fn(&mut Options),
) -> anyhow::Result<Vec<Report>> {
    let mut reports: Vec<Report> = Vec::new();
    loop {
        let mut options = fixtures::options(Mode::Apply);
        limit(&mut options);
        if let Some(last) = reports.last() {
            options.resume = Some(last.resume.parse()?);
        }
        let report = fixtures::run(stack, &options).await?;
        let is_last = report.resume.is_empty();
        reports.push(report);
        anyhow::ensure!(
            reports.len() < 10,
            "it does not come to an end: {reports:?}"
        );
        if is_last {
            return Ok(reports);
        }
    }
}
