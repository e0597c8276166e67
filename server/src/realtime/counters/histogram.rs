//! A histogram of durations.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use serde::{Serialize, ser::SerializeStruct as _};

/// The upper bounds of the buckets in milliseconds; the last bucket is unbounded.
const BOUNDS: [u64; 11] = [1, 2, 5, 10, 20, 50, 100, 250, 500, 1000, 5000];

/// A histogram that is being recorded.
#[derive(Debug, Default)]
pub(crate) struct Histogram {
    buckets: [AtomicU64; BOUNDS.len() + 1],
    micros: AtomicU64,
}

/// The values of a histogram at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Durations {
    buckets: [u64; BOUNDS.len() + 1],
    micros: u64,
}

impl Histogram {
    /// Records a duration.
    pub(crate) fn record(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS.partition_point(|bound| bound * 1000 < micros);
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// The current values.
    pub(crate) fn read(&self) -> Durations {
        Durations {
            buckets: self.buckets.each_ref().map(|count| count.load(Ordering::Relaxed)),
            micros: self.micros.load(Ordering::Relaxed),
        }
    }
}

impl Durations {
    /// The number of durations.
    pub fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }

    /// The upper bound in milliseconds of the bucket that contains a quantile; `None` for the last bucket.
    pub fn quantile(&self, quantile: f64) -> Option<u64> {
        let rank = (self.count() as f64 * quantile).ceil().max(1.0) as u64;
        let mut below = 0;
        let bucket = self.buckets.iter().position(|count| {
            below += count;
            below >= rank
        });
        BOUNDS.get(bucket?).copied()
    }

    /// The Prometheus exposition: cumulative buckets with bounds in seconds.
    pub fn exposition(&self, name: &str) -> String {
        let mut text = format!("# TYPE {name} histogram\n");
        let mut below = 0;
        for (count, bound) in self.buckets.iter().zip(BOUNDS.map(|bound| (bound as f64 / 1000.0).to_string())) {
            below += count;
            text.push_str(&format!("{name}_bucket{{le=\"{bound}\"}} {below}\n"));
        }
        let (count, seconds) = (self.count(), self.micros as f64 / 1e6);
        text.push_str(&format!("{name}_bucket{{le=\"+Inf\"}} {count}\n{name}_sum {seconds}\n{name}_count {count}\n"));
        text
    }
}

impl Serialize for Durations {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Durations", 3)?;
        object.serialize_field("count", &self.count())?;
        object.serialize_field("p50_ms", &self.quantile(0.5))?;
        object.serialize_field("p99_ms", &self.quantile(0.99))?;
        object.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_fall_into_buckets() {
        let histogram = Histogram::default();
        assert_eq!((histogram.read().count(), histogram.read().quantile(0.5)), (0, None), "nothing yet");
        for millis in [1, 2, 3, 4, 60] {
            histogram.record(Duration::from_millis(millis));
        }
        let durations = histogram.read();
        assert_eq!((durations.count(), durations.quantile(0.5), durations.quantile(0.99)), (5, Some(5), Some(100)));
        let text = durations.exposition("x_seconds");
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(
            lines[..4],
            [
                "# TYPE x_seconds histogram",
                "x_seconds_bucket{le=\"0.001\"} 1",
                "x_seconds_bucket{le=\"0.002\"} 2",
                "x_seconds_bucket{le=\"0.005\"} 4"
            ]
        );
        assert_eq!(
            lines[lines.len() - 3..],
            ["x_seconds_bucket{le=\"+Inf\"} 5", "x_seconds_sum 0.07", "x_seconds_count 5"]
        );
        histogram.record(Duration::from_secs(60));
        assert_eq!(histogram.read().quantile(1.0), None, "longer than any bound");
    }
}
