//! The server as its clients see it: real HTTP and sockets, real SQLite, PostgreSQL and Redis.

mod harness;

mod accounts;
mod bulk;
mod comments;
mod docs;
mod due;
mod errors;
mod idempotency;
mod log;
mod mail;
mod members;
mod moves;
mod notifications;
mod oversight;
mod pages;
mod preferences;
mod readback;
mod realtime;
mod roles;
mod statuses;
mod tasks;
mod watch;
