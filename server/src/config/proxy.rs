//! Settings of proxies in front of this server.

use std::net::IpAddr;

use clap::{Args, ValueEnum, builder::BoolishValueParser};
use ipnet::IpNet;

/// Which proxies are trusted, and which headers they set.
#[derive(Args, Clone, Debug)]
pub struct ProxySettings {
    /// Trust X-Forwarded-For, -Host and -Proto: only behind a proxy that always sets them
    #[arg(
        id = "trusted_proxy", long = "trusted-proxy", env = "LOCKSTEP_TRUSTED_PROXY", value_name = "0|1", default_value = "0", default_missing_value = "1",
        num_args = 0..=1, require_equals = true, value_parser = BoolishValueParser::new(), global = true
    )]
    pub trusted: bool,

    /// Addresses or networks of the trusted proxies, separated by commas, also for chains of proxies  [default: the
    /// direct peer is the one proxy]
    #[arg(
        id = "proxy_networks", long = "proxy-networks", env = "LOCKSTEP_PROXY_NETWORKS", value_name = "NET,NET", value_delimiter = ',', value_parser = network,
        global = true
    )]
    pub networks: Vec<IpNet>,

    /// Header in which the trusted proxy names the client: X-Forwarded-For, -Host and -Proto, or Forwarded (RFC 7239)
    #[arg(id = "proxy_header", long = "proxy-header", env = "LOCKSTEP_PROXY_HEADER", value_enum, default_value_t = ProxyHeader::XForwarded, global = true)]
    pub header: ProxyHeader,
}

/// The headers in which a trusted proxy names its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProxyHeader {
    /// `X-Forwarded-For`, `X-Forwarded-Host` and `X-Forwarded-Proto`.
    XForwarded,
    /// `Forwarded`, after RFC 7239.
    Forwarded,
}

impl ProxySettings {
    /// The values of [`Config::isolated`](super::Config::isolated).
    pub(super) fn isolated() -> Self {
        Self { trusted: false, networks: Vec::new(), header: ProxyHeader::XForwarded }
    }
}

fn network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    let address = || text.parse::<IpAddr>().map(IpNet::from);
    text.parse().or_else(|_| address()).map_err(|_| "expected an address or a network such as 10.0.0.0/8".into())
}
