//! A task that sleeps until something is due, and wakes earlier when something earlier becomes due.

use std::time::Instant;

use tokio::{sync::Notify, time::sleep_until};

/// Wakes the sleeper of one alarm.
#[derive(Debug, Default)]
pub(super) struct Alarm {
    earlier: Notify,
}

/// Until when an alarm's task sleeps; `None` without a task. It lies behind the lock that guards what is due.
pub(super) type Asleep = Option<Instant>;

impl Alarm {
    /// Something is due then. True: the caller has to start the task that [waits](Self::wait); a task that sleeps for
    /// longer is woken.
    pub(super) fn set(&self, asleep: &mut Asleep, due: Instant) -> bool {
        match *asleep {
            Some(until) if until <= due => false,
            Some(_) => {
                *asleep = Some(due);
                self.earlier.notify_one();
                false
            }
            None => {
                *asleep = Some(due);
                true
            }
        }
    }

    /// Waits for that moment, or until something earlier is due.
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
    async fn who_sleeps_for_longer_is_woken_for_what_is_due_earlier() {
        let (alarm, now, mut asleep) = (Alarm::default(), Instant::now(), None);
        let at = |seconds| now + Duration::from_secs(seconds);
        assert!(alarm.set(&mut asleep, at(60)), "nobody sleeps yet");
        assert!(!alarm.set(&mut asleep, at(90)), "later");
        assert_eq!(asleep, Some(at(60)));
        let sleeper = alarm.wait(at(60));
        assert!(!alarm.set(&mut asleep, at(1)), "who sleeps is woken, not doubled");
        sleeper.await;
        assert!(now.elapsed() < Duration::from_secs(30), "woken to look again");
        alarm.wait(at(1)).await;
        assert!(now.elapsed() >= Duration::from_secs(1));
    }
}
