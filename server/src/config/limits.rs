//! Limits of connections, requests and sockets.

use clap::Args;

/// Limits per client. 0 turns a limit off.
#[derive(Args, Clone, Debug)]
pub struct LimitSettings {
    /// Largest request body in bytes; 0: no limit
    #[arg(long, env = "LOCKSTEP_BODY_LIMIT", default_value_t = 1024 * 1024, value_name = "BYTES", global = true)]
    pub body_limit: usize,

    /// Bodies over 16 KiB that are read concurrently, a quarter of them from one address; 0: unlimited
    #[arg(long, env = "LOCKSTEP_LARGE_BODIES", default_value_t = 64, value_name = "BODIES", global = true)]
    pub large_bodies: u32,

    /// Largest request body in bytes under /api/auth, which needs no session; 0: same as others
    #[arg(long, env = "LOCKSTEP_AUTH_BODY_LIMIT", default_value_t = 16 * 1024, value_name = "BYTES", global = true)]
    pub auth_body_limit: usize,

    /// Frames per second and socket; 0: unlimited
    #[arg(long, env = "LOCKSTEP_FRAME_LIMIT", default_value_t = 20, value_name = "COUNT", global = true)]
    pub frame_limit: u32,

    /// Open sockets per user; 0: unlimited
    #[arg(long, env = "LOCKSTEP_SOCKETS_PER_USER", default_value_t = 100, value_name = "COUNT", global = true)]
    pub sockets_per_user: u32,

    /// Signed-in sockets per address; 0: unlimited
    #[arg(long, env = "LOCKSTEP_SOCKETS_PER_ADDRESS", default_value_t = 1000, value_name = "COUNT", global = true)]
    pub sockets_per_address: u32,

    /// Sockets that are not signed in yet, in total; 0: unlimited
    #[arg(long, env = "LOCKSTEP_PENDING_SOCKETS", default_value_t = 500, value_name = "COUNT", global = true)]
    pub pending_sockets: u32,

    /// Sockets that are not signed in yet, per address; 0: unlimited
    #[arg(
        long,
        env = "LOCKSTEP_PENDING_SOCKETS_PER_ADDRESS",
        default_value_t = 50,
        value_name = "COUNT",
        global = true
    )]
    pub pending_sockets_per_address: u32,

    /// Open HTTP connections, in total; 0: unlimited
    #[arg(long, env = "LOCKSTEP_CONNECTIONS", default_value_t = 8000, value_name = "COUNT", global = true)]
    pub connections: u32,

    /// Open HTTP connections per address, except trusted proxies; 0: unlimited
    #[arg(long, env = "LOCKSTEP_CONNECTIONS_PER_ADDRESS", default_value_t = 500, value_name = "COUNT", global = true)]
    pub connections_per_address: u32,

    /// Seconds for the head of a request to arrive, and for idle connections; 0: unlimited
    #[arg(long, env = "LOCKSTEP_REQUEST_TIMEOUT", default_value_t = 30, value_name = "SECONDS", global = true)]
    pub request_timeout: u64,

    /// Seconds for the body of a request to arrive; 0: unlimited
    #[arg(long, env = "LOCKSTEP_BODY_TIMEOUT", default_value_t = 30, value_name = "SECONDS", global = true)]
    pub body_timeout: u64,
}

impl LimitSettings {
    /// The values of [`Config::isolated`](super::Config::isolated).
    pub(super) fn isolated() -> Self {
        Self {
            body_limit: 1024 * 1024,
            large_bodies: 0,
            auth_body_limit: 16 * 1024,
            frame_limit: 20,
            sockets_per_user: 0,
            sockets_per_address: 0,
            pending_sockets: 0,
            pending_sockets_per_address: 0,
            connections: 0,
            connections_per_address: 0,
            request_timeout: 0,
            body_timeout: 0,
        }
    }
}
