//! The server as its clients see it: real HTTP and sockets, real SQLite, PostgreSQL and Redis.

mod harness;

mod abuse;
mod account;
mod accounts;
mod audit;
mod bulk;
mod comments;
mod completion;
mod docs;
mod due;
mod errors;
mod idempotency;
mod invitations;
mod lanes;
mod log;
mod mail;
mod members;
mod monitoring;
mod moves;
mod notifications;
mod oversight;
mod pages;
mod pgbouncer;
mod preferences;
mod quotas;
mod readback;
mod readiness;
mod realtime;
mod removal;
mod roles;
mod search;
mod statuses;
mod storage;
mod tasks;
mod watch;
