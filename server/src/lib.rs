//! The Lockstep server: all host I/O.
//!
//! | module | contents |
//! | --- | --- |
//! | `cli`, `config`, `startup`, `shutdown`, `state` | subcommands, settings, start and stop, the state of requests |
//! | `http`, `sockets`, `page`, `assets`, `site` | the JSON API, socket endpoints, rendered pages, their files |
//! | `service`, `store`, `realtime` | use cases; SQL; events to open browsers |
//! | `mail`, `calendar`, `housekeeping`, `chunked` | e-mail, periodic notifications, cleaning up |
//! | `supervisor`, `write_tasks`, `backoff` | background tasks, detached writes, retries |
//! | `connections`, `http_stream`, `descriptors`, `quota`, `large_bodies` | connections and their limits |
//! | `security`, `headers`, `public_url` | origins and proxies, response headers, hosts |
//! | `private_files`, `redaction` | file permissions, paths without tokens |
//! | `secret`, `jwt`, `clock`, `frame_text` | keys, signed claims, the wall clock, encoded frames |
//! | `health`, `readiness`, `monitoring`, `telemetry`, `audit` | health checks, metrics, logs |
//! | `source` | the link to the source code |

pub mod assets;
pub mod audit;
mod backoff;
pub mod calendar;
mod chunked;
pub mod cli;
pub mod clock;
pub mod config;
pub mod connections;
pub mod descriptors;
pub mod frame_text;
pub mod headers;
pub mod health;
pub mod housekeeping;
pub mod http;
mod http_stream;
mod jwt;
mod large_bodies;
pub mod mail;
mod monitoring;
pub mod page;
mod private_files;
mod public_url;
mod quota;
pub mod readiness;
pub mod realtime;
mod redaction;
pub mod secret;
pub mod security;
pub mod service;
pub mod shutdown;
pub mod site;
pub mod sockets;
mod source;
pub mod startup;
pub mod state;
pub mod store;
pub mod supervisor;
pub mod telemetry;
pub mod write_tasks;

pub use startup::Server;
