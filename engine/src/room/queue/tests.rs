use super::*;

const RESYNC: &str = "resync";

fn queue(frames: usize, bytes: usize) -> Queue<&'static str, u64> {
    Queue::new(Bounds { frames, bytes })
}

fn push(queue: &mut Queue<&'static str, u64>, frame: &'static str, now: u64) -> Push {
    queue.push(&[frame], || RESYNC, || now)
}

fn take(queue: &mut Queue<&'static str, u64>, max: usize) -> Vec<&'static str> {
    let mut batch = Vec::new();
    assert_eq!(queue.take(&mut batch, max), !batch.is_empty());
    batch
}

#[test]
fn a_full_queue_becomes_one_resync() {
    let mut queue = queue(2, 100);
    assert_eq!([1, 2].map(|now| push(&mut queue, "frame", now)), [Push::Queued, Push::Queued]);
    assert_eq!(queue.behind(), None);
    assert_eq!(push(&mut queue, "frame", 3), Push::Collapsed);
    assert_eq!(push(&mut queue, "later", 4), Push::Queued);
    assert_eq!(take(&mut queue, 1), [RESYNC]);
    assert_eq!(queue.behind(), Some(3), "taken is not sent");
    queue.sent(|| 5);
    assert_eq!(queue.behind(), None);
    assert_eq!(take(&mut queue, 64), ["later"]);
    assert!(take(&mut queue, 64).is_empty());
}

#[test]
fn bytes_count_as_well_as_frames() {
    let mut queue = queue(100, 10);
    assert_eq!([1, 2].map(|now| push(&mut queue, "frame", now)), [Push::Queued, Push::Queued]);
    assert_eq!(queue.load(), (2, 10));
    assert!(!queue.push_lossy("x"));
    assert_eq!(push(&mut queue, "frame", 3), Push::Collapsed);
    assert_eq!((queue.load(), take(&mut queue, 64)), ((1, 6), vec![RESYNC]));
    assert_eq!(
        [4, 5].map(|now| push(&mut queue, "frame", now)),
        [Push::Queued, Push::Queued],
        "what was taken is gone"
    );
}

#[test]
fn falling_behind_again_restarts_the_deadline() {
    let mut queue = queue(1, 100);
    assert_eq!([1, 2].map(|now| push(&mut queue, "frame", now)), [Push::Queued, Push::Collapsed]);
    take(&mut queue, 1);
    assert_eq!([3, 4].map(|now| push(&mut queue, "frame", now)), [Push::Queued, Push::Collapsed]);
    queue.sent(|| 5);
    assert_eq!(queue.behind(), Some(5), "the second resync still waits");
}

#[test]
fn queued_frames_are_sent_before_the_close() {
    let mut queue = queue(10, 100);
    push(&mut queue, "frame", 1);
    queue.close(4101, "stop");
    queue.close(4403, "later");
    assert_eq!(push(&mut queue, "frame", 2), Push::Closed);
    assert!(!queue.push_lossy("frame"));
    assert_eq!(queue.closing(), None);
    assert_eq!(take(&mut queue, 64), ["frame"]);
    assert_eq!(queue.closing(), Some(&Closing { code: 4101, reason: "stop" }));
}
