//! The Lockstep server: the only host I/O.
//!
//! ```text
//! config    what an operator can set       cli       the subcommands
//! security  who may ask                    state     what every request can reach
//! secret    the key of socket tokens       store     SQL only
//! ```

pub mod config;
pub mod realtime;
pub mod secret;
pub mod security;
pub mod state;
pub mod store;
