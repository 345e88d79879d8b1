//! The setting of `make bench-worker`: one worker, batches one after another, a stub that answers
//! after fixed times.

use std::time::Duration;

use anyhow::Context as _;

use crate::{
    service_times::{GET, ORIGINAL_BYTES, PUT, READ_AHEAD_BYTES, TABLE},
    worker::{ImageTimes, times_to_write},
};

use super::{Compared, measured::Measured};

/// Results of the model for a batch.
#[derive(Clone, Copy, Debug)]
struct Batch {
    images_per_s: f64,
    /// From the event to the record, of the image in the middle.
    ready_ms: f64,
}

/// Compares all sizes of batches that the file has.
pub(super) fn compare(measured: &Measured) -> anyhow::Result<Vec<Compared>> {
    let millis = |name: &str, default: Duration| {
        measured
            .get(name)
            .map_or(default, |millis| Duration::from_secs_f64(millis / 1e3))
    };
    let (get, put, table) = (
        millis("get_latency_ms", GET),
        millis("put_latency_ms", PUT),
        millis("table_latency_ms", TABLE),
    );
    let mut compared = Vec::new();
    for size in [1, 5, 10] {
        let of_batch = |figure: &str| format!("batch_{size}_ours_{figure}");
        let images_per_s = measured.get(&of_batch("images_per_s"));
        let ready_ms = measured.get(&of_batch("time_to_ready_ms"));
        if images_per_s.is_none() && ready_ms.is_none() {
            continue;
        }
        let cpu = of_batch("cpu_ms_per_image");
        let cpu = measured
            .get(&cpu)
            .with_context(|| format!("there is no {cpu}"))?;
        let image = ImageTimes {
            bytes: ORIGINAL_BYTES,
            get,
            cpu: Duration::from_secs_f64(cpu / 1e3),
            put,
        };
        let model = predict(&vec![image; size], table);
        let pairs = [
            ("images_per_s", model.images_per_s, images_per_s),
            ("ready_ms", model.ready_ms, ready_ms),
        ];
        for (name, model, value) in pairs {
            compared.extend(value.map(|measured| Compared {
                name: format!("worker_batch_{size}_{name}"),
                model,
                measured,
            }));
        }
    }
    Ok(compared)
}

fn predict(images: &[ImageTimes], table: Duration) -> Batch {
    let ready: Vec<f64> = times_to_write(images, READ_AHEAD_BYTES)
        .into_iter()
        .map(|write| (write + table).as_secs_f64())
        .collect();
    let last = ready.iter().copied().fold(0.0, f64::max);
    let size = u32::try_from(images.len()).map_or(f64::NAN, f64::from);
    let middle = f64::midpoint(ready[(ready.len() - 1) / 2], ready[ready.len() / 2]);
    Batch {
        images_per_s: size / last,
        ready_ms: middle * 1e3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratios(text: &str) -> Vec<f64> {
        let compared = compare(&Measured::parse(text)).unwrap();
        compared.iter().map(Compared::ratio).collect()
    }

    #[test]
    fn a_worker_that_does_as_the_model_says_compares_as_one() {
        // One: 20 + 20 + 30 + 5. Ten: 20 + 200 + 30 + 5, and the middle at 165.
        let text = "batch_1_ours_cpu_ms_per_image=20\nbatch_1_ours_images_per_s=13.333\n\
                    batch_1_ours_time_to_ready_ms=75\nbatch_10_ours_cpu_ms_per_image=20\n\
                    batch_10_ours_images_per_s=39.2157\nbatch_10_ours_time_to_ready_ms=165\n\
                    batch_10_node_images_per_s=4";
        let ratios = ratios(text);
        assert_eq!(ratios.len(), 4);
        assert!(ratios.iter().all(|ratio| (ratio - 1.0).abs() < 1e-3));
    }

    #[test]
    fn a_worker_that_makes_its_calls_one_after_another_does_not() {
        // 85 ms an image in batches of ten, which was measured before.
        let text = "batch_10_ours_cpu_ms_per_image=27\nbatch_10_ours_images_per_s=11.76";
        assert!(ratios(text)[0] > 2.0);
    }

    #[test]
    fn without_the_cpu_time_of_an_image_nothing_is_compared() {
        assert!(compare(&Measured::parse("batch_1_ours_images_per_s=13")).is_err());
    }
}
