//! The token buckets in Redis, shared by all processes. Never waited for long: without a prompt answer each process
//! counts alone.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use redis::{
    Client, RedisResult,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use tokio::time::timeout;

use super::bucket::Bucket;

/// How long Redis is skipped after a failure.
const PAUSE: Duration = Duration::from_secs(1);
/// Takes from all buckets, or returns how many milliseconds to wait, atomically and like the local tables.
const TAKE: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local full, wait = {}, 0
for i, key in ipairs(KEYS) do
  local at = i * 4 - 3
  full[i] = math.max(tonumber(redis.call('GET', key) or 0), now)
  wait = math.max(wait, full[i] + ARGV[at + 1] * ARGV[at + 2] - now - ARGV[at])
end
for i, key in ipairs(KEYS) do
  local at = i * 4 - 3
  if ARGV[at + 3] == '1' and (wait <= 0 or ARGV[at + 2] == '0') then
    local to = full[i] + ARGV[at + 1]
    redis.call('SET', key, string.format('%d', to), 'PX', string.format('%d', to - now))
  end
end
return math.max(wait, 0)
";

/// Attempts counted together by all processes.
pub struct SharedAttempts {
    redis: ConnectionManager,
    /// How long Redis may take to answer.
    response_timeout: Duration,
    /// Until when Redis is skipped.
    paused: Mutex<Option<Instant>>,
}

impl SharedAttempts {
    /// Connects in the background, and reconnects whenever the connection breaks. Waits for each answer at most
    /// `patience`.
    ///
    /// # Errors
    /// When the client's settings are invalid.
    pub fn new(client: Client, response_timeout: Duration) -> RedisResult<Self> {
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(PAUSE))
            .set_response_timeout(Some(response_timeout))
            .set_number_of_retries(1);
        let redis = ConnectionManager::new_lazy_with_config(client, config)?;
        let mut first = redis.clone();
        // Connect now, so that no request has to wait for it.
        tokio::spawn(async move { redis::cmd("PING").query_async::<()>(&mut first).await });
        Ok(Self { redis, response_timeout, paused: Mutex::default() })
    }

    /// Takes from all buckets, or returns how long to wait. A Redis that does not answer imposes no wait.
    pub(super) async fn take(&self, buckets: &[Bucket]) -> Result<(), Duration> {
        if self.is_paused() {
            return Ok(());
        }
        let mut command = redis::cmd("EVAL");
        command.arg(TAKE).arg(buckets.len());
        for Bucket { kind, key, .. } in buckets {
            let hash = key.iter().fold(String::with_capacity(32), |hash, byte| format!("{hash}{byte:02x}"));
            command.arg(format!("attempts:{}:{hash}", kind.name()));
        }
        for Bucket { window, cost, wanted, counts, .. } in buckets {
            command.arg(window).arg(cost).arg(wanted).arg(u8::from(*counts));
        }
        let mut redis = self.redis.clone();
        let answer = timeout(self.response_timeout, command.query_async::<u64>(&mut redis)).await;
        let why = match answer {
            Ok(Ok(0)) => return Ok(()),
            Ok(Ok(wait)) => return Err(Duration::from_millis(wait)),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "no answer in time".to_owned(),
        };
        tracing::debug!(why, "attempts are counted in this process only");
        *self.paused.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + PAUSE);
        Ok(())
    }

    fn is_paused(&self) -> bool {
        self.paused.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|until| Instant::now() < until)
    }
}
