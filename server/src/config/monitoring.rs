//! Settings of access to the metrics.

use std::net::SocketAddr;

use clap::Args;

/// Settings of access to the metrics.
#[derive(Args, Clone, Debug)]
pub struct MonitoringSettings {
    /// Bearer token for /metrics and /health/realtime; without one they are not available
    #[arg(
        id = "metrics_token", long = "metrics-token", env = "LOCKSTEP_METRICS_TOKEN", value_name = "TEXT", hide_env_values = true, value_parser = metrics_token,
        global = true
    )]
    pub token: Option<String>,

    /// Address and port of a listener for monitoring, which serves /metrics and the health checks without a token
    #[arg(
        id = "metrics_addr",
        long = "metrics-addr",
        env = "LOCKSTEP_METRICS_ADDR",
        value_name = "IP:PORT",
        global = true
    )]
    pub addr: Option<SocketAddr>,
}

impl MonitoringSettings {
    /// The values of [`Config::isolated`](super::Config::isolated).
    pub(super) fn isolated() -> Self {
        Self { token: Some("a-token-for-nobody-but-the-tests".into()), addr: None }
    }
}

fn metrics_token(text: &str) -> Result<String, String> {
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    if plain && text.len() >= 16 {
        Ok(text.to_owned())
    } else {
        Err("a token has at least 16 letters, and no space".into())
    }
}
