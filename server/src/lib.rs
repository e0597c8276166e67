//! The Lockstep server: the only host I/O.
//!
//! ```text
//! startup   settings → a running server    shutdown  when to stop
//! config    what an operator can set       cli       the subcommands
//! state     what every request can reach   secret    the key of socket tokens
//! security  who may ask                    headers   what a browser may do with an answer
//! assets    the page's files               health    alive, ready, counters
//! realtime  log → every open browser       store     SQL only
//! sockets   the endpoints of sockets
//! http      the JSON API                   service   what users can do
//! page      the pages, rendered here       site      what the sign-in page has to know
//! connections  accepted, served, ended     http_stream  a connection under HTTP
//! clock     the wall clock                 descriptors  how many files may be open
//! telemetry log lines and request ids      housekeeping  what expires
//! calendar  what is due                    mail      what is unread, by e-mail
//! supervisor  background tasks             write_tasks  a write runs to its end
//! backoff   waits that grow                readiness  whether the database does its work
//! chunked   long statements in pieces      audit     who did what, for the log
//! jwt       signed claims                  redaction  paths without tokens
//! public_url  the one host that is answered  monitoring  who may read the counters
//! private_files  for their owner only      source    the way to the source
//! quota     how many each may have open     large_bodies  places for long bodies
//! frame_text  what a frame says
//! ```

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
