//! A timer whose sleeping task is woken when something earlier becomes due.

use std::time::Instant;

use tokio::{sync::Notify, time::sleep_until};

/// Wakes the sleeping task of an alarm.
#[derive(Debug, Default)]
pub(super) struct Alarm {
    earlier: Notify,
}

/// When an alarm's task wakes; `None` without a task. Guarded by the lock of the state that is due.
pub(super) type WakeAt = Option<Instant>;

impl Alarm {
    /// Schedules a wake-up. True if the caller has to spawn the task that [waits](Self::wait); wakes a task that would
    /// sleep longer.
    pub(super) fn set(&self, wake_at: &mut WakeAt, due: Instant) -> bool {
        match *wake_at {
            Some(until) if until <= due => false,
            Some(_) => {
                *wake_at = Some(due);
                self.earlier.notify_one();
                false
            }
            None => {
                *wake_at = Some(due);
                true
            }
        }
    }

    /// Waits until `until`, or until something earlier is due.
    pub(super) async fn wait(&self, until: Instant) {
        tokio::select! {
            () = sleep_until(until.into()) => {}
            () = self.earlier.notified() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn an_earlier_alarm_wakes_the_sleeping_task() {
        let (alarm, now, mut wake_at) = (Alarm::default(), Instant::now(), None);
        let at = |seconds| now + Duration::from_secs(seconds);
        assert!(alarm.set(&mut wake_at, at(60)), "no task sleeps yet");
        assert!(!alarm.set(&mut wake_at, at(90)), "later");
        assert_eq!(wake_at, Some(at(60)));
        let sleeper = alarm.wait(at(60));
        assert!(!alarm.set(&mut wake_at, at(1)), "the sleeping task is woken, not doubled");
        sleeper.await;
        assert!(now.elapsed() < Duration::from_secs(30), "woken to look again");
        alarm.wait(at(1)).await;
        assert!(now.elapsed() >= Duration::from_secs(1));
    }
}
