//! Who may read the counters.

use std::net::SocketAddr;

use clap::Args;

/// Who may read the counters.
#[derive(Args, Clone, Debug)]
pub struct MonitoringSettings {
    /// Token that /metrics and /health/realtime want, as Authorization: Bearer; without one they are answered to nobody
    #[arg(
        id = "metrics_token", long = "metrics-token", env = "LOCKSTEP_METRICS_TOKEN", value_name = "TEXT", hide_env_values = true, value_parser = metrics_token,
        global = true
    )]
    pub token: Option<String>,

    /// Address and port of a listener for monitors, which answers /metrics and the health checks to all who reach it
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
    /// As [`Config::isolated`](super::Config::isolated) has them.
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
