//! The server as its clients see it: real HTTP and sockets, real SQLite, PostgreSQL and Redis.

mod harness;

mod pages;
mod realtime;
mod tasks;
