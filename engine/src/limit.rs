//! Sizes that the page checks before it sends and the server checks again.
//! Texts are counted in Unicode scalar values, after trimming.

/// Longest title of a task.
pub const TITLE: usize = 500;
/// Longest description of a task.
pub const DESCRIPTION: usize = 50_000;
/// Longest name of a project, column, label or person.
pub const NAME: usize = 80;
/// Longest comment.
pub const COMMENT: usize = 10_000;
/// Most people that a comment mentions explicitly.
pub const MENTIONS: usize = 200;
/// Comments or notifications in one page of a list.
pub const PAGE: usize = 50;
/// Longest reason why a task is blocked.
pub const REASON: usize = 500;
/// Longest e-mail address.
pub const EMAIL: usize = 254;
/// Shortest password.
pub const PASSWORD_MIN: usize = 10;
/// Longest password: argon2 accepts any length, but bodies are limited.
pub const PASSWORD_MAX: usize = 256;
/// Highest estimate, in hours.
pub const ESTIMATE_HOURS: f64 = 10_000.0;
/// Highest WIP limit of a column.
pub const WIP: u32 = 999;
/// Most columns of one project.
pub const STATUSES: usize = 40;
/// Most tasks in one bulk request.
pub const BULK: usize = 500;
/// Largest frame on a socket, in bytes.
pub const FRAME_BYTES: usize = 64 * 1024;

/// The typed line, of 1 to `max` characters: see [`line::from_typed`](crate::line::from_typed).
pub fn text(value: &str, max: usize) -> Option<String> {
    crate::line::from_typed(value, max)
}
