//! The pages and components of Lockstep, for the server (first paint) and the browser (hydrated).

pub mod backend;
