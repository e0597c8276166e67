//! Sizes that the page checks before it sends and the server checks again.
//! Texts are counted in Unicode scalar values, after trimming.

/// A task's title, at the most.
pub const TITLE: usize = 500;
/// A task's description, at the most.
pub const DESCRIPTION: usize = 50_000;
/// The name of a project, a status, a label or a person, at the most.
pub const NAME: usize = 80;
/// A comment on a task, at the most.
pub const COMMENT: usize = 10_000;
/// People that one comment mentions by choice, at the most.
pub const MENTIONS: usize = 200;
/// Comments or notifications that one page of a list holds.
pub const PAGE: usize = 50;
/// The reason why a task is blocked, at the most.
pub const REASON: usize = 500;
/// An e-mail address, at the most.
pub const EMAIL: usize = 254;
/// A password, at the least.
pub const PASSWORD_MIN: usize = 10;
/// A password, at the most: argon2 hashes any length, a body should not be one.
pub const PASSWORD_MAX: usize = 256;
/// An estimate in hours, at the most.
pub const ESTIMATE_HOURS: f64 = 10_000.0;
/// The WIP limit of a status, at the most.
pub const WIP: u32 = 999;
/// Statuses of one project, at the most.
pub const STATUSES: usize = 40;
/// Tasks that one bulk request may touch.
pub const BULK: usize = 500;
/// A frame on a socket, in bytes.
pub const FRAME_BYTES: usize = 64 * 1024;

/// The line of 1 to `max` characters that somebody meant who typed this: see [`line::from_typed`](crate::line::from_typed).
pub fn text(value: &str, max: usize) -> Option<String> {
    crate::line::from_typed(value, max)
}
