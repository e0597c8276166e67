//! Settings of Redis.

use std::path::PathBuf;

use clap::Args;

/// Settings of the Redis between several processes of this server.
#[derive(Args, Clone, Debug)]
pub struct RedisSettings {
    /// Redis that carries changes between several Lockstep processes; without it there is a single process
    #[arg(id = "redis_url", long = "redis-url", env = "REDIS_URL", value_name = "URL", hide_env_values = true, value_parser = redis_url, global = true)]
    pub url: Option<String>,

    /// PEM file of authorities that verify the certificate of a rediss:// server  [default: the system's]
    #[arg(id = "redis_ca", long = "redis-ca", env = "LOCKSTEP_REDIS_CA", value_name = "FILE", global = true)]
    pub ca: Option<PathBuf>,
}

impl RedisSettings {
    /// The values of [`Config::isolated`](super::Config::isolated).
    pub(super) fn isolated() -> Self {
        Self { url: None, ca: None }
    }
}

fn redis_url(text: &str) -> Result<String, String> {
    if ["redis://", "rediss://", "redis+unix://", "unix://"].iter().any(|scheme| text.starts_with(scheme)) {
        Ok(text.to_owned())
    } else {
        Err("expected redis://<host>:<port>, or rediss:// for an encrypted connection".into())
    }
}
