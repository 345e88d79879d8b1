//! The worker's own restart, which no stack can be told to cause.

use std::{collections::BTreeSet, thread};

use jpeg_encoder::{ColorType, Encoder};
use rustix::process::{Pid, Signal, kill_process};

use super::*;

const EDGE: u16 = 4000;

/// Longer than the deadline of an image.
const PAUSE: Duration = Duration::from_millis(1300);

/// Limit for the worker's first call. A test must not wait for one that fails before it.
const PATIENCE: Duration = Duration::from_secs(20);

/// Encodes noise in many scans, which one call of the codec decodes for hundreds of milliseconds.
fn slow_image() -> Bytes {
    let mut grey = vec![0; usize::from(EDGE) * usize::from(EDGE)];
    fastrand::Rng::with_seed(1).fill(&mut grey);
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 60);
    encoder.set_progressive(true);
    encoder.encode(&grey, EDGE, EDGE, ColorType::Luma).unwrap();
    Bytes::from(file)
}

/// Returns the process's sockets. A program that replaces another in the same process has none of
/// its predecessor's.
fn sockets(pid: u32) -> BTreeSet<PathBuf> {
    std::fs::read_dir(format!("/proc/{pid}/fd"))
        .unwrap()
        .filter_map(|file| std::fs::read_link(file.ok()?.path()).ok())
        .filter(|target| target.to_string_lossy().starts_with("socket:"))
        .collect()
}

/// Waits until the worker has read the original, and a little longer; then stops the process until
/// the image is overdue. The codec has then had no CPU, but more time than it may have.
#[expect(
    clippy::disallowed_methods,
    reason = "a thread of its own beside the call that waits"
)]
fn pause_in_codec(pid: u32, aws: &SlowAws, begun: Duration) {
    let start = Instant::now();
    while aws.take().gets == 0 {
        assert!(start.elapsed() < PATIENCE, "the original is not read");
        thread::sleep(Duration::from_millis(1));
    }
    thread::sleep(begun);
    let pid = Pid::from_raw(pid.try_into().unwrap()).unwrap();
    kill_process(pid, Signal::STOP).unwrap();
    thread::sleep(PAUSE);
    kill_process(pid, Signal::CONT).unwrap();
}

#[tokio::test]
async fn a_process_with_an_overdue_image_starts_afresh_between_two_batches() {
    let mut built = build::build(&["thumbnail"], Profile::Dev).await.unwrap();
    let mut program = program(
        Subject::Ours,
        &built.remove("thumbnail").unwrap(),
        Path::new(""),
    );
    let deadline = ("HIKIDASHI_IMAGE_DEADLINE_SECS".to_owned(), "1".to_owned());
    program.environment.extend([deadline]);
    let original = slow_image();
    let mut running = start(&program, &original, Latencies::default(), None).unwrap();
    let pid = running.lambda.id();
    let event = |number| {
        let message = message(number, original.len());
        Bytes::from(json!({ "Records": [message] }).to_string())
    };

    // The codec is in its work at one of these times, whatever the machine's speed.
    let mut has_restarted = false;
    for (number, begun) in (1..).zip([10, 20, 40, 80, 160, 320, 640]) {
        let before = sockets(pid);
        assert!(!before.is_empty());
        let aws = &running.aws;
        let answer = thread::scope(|scope| {
            scope.spawn(|| pause_in_codec(pid, aws, Duration::from_millis(begun)));
            running.lambda.invoke(&event(number)).unwrap().answer
        });
        running.lambda.wait_for_poll().unwrap();
        if sockets(pid).is_disjoint(&before) {
            // The image has failed, and its message is done.
            assert_eq!(running.aws.take().timed_out, 1);
            let answer: Value = serde_json::from_slice(&answer).unwrap();
            assert_eq!(answer, json!({ "batchItemFailures": [] }));
            has_restarted = true;
            break;
        }
    }
    assert!(has_restarted, "no image was overdue");

    // The process goes on where it was.
    running.lambda.invoke(&event(100)).unwrap();
    assert_eq!(running.aws.take().gets, 1);
}
