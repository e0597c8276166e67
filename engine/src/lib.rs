//! The pure core of Lockstep, shared by the server, the browser and the tests.
//!
//! ```text
//! ids    newtypes over UUIDs          rank   where a card stands in its column
//! time   milliseconds, RFC 3339       limit  sizes that both sides check
//! board  what a project holds         op     what a user wants
//! fields  the plain fields of a task
//! event  what happened                apply  event → board
//! wire   frames and close codes       error  what a refused request says
//! comment  what is written about a task    notification  what one user is told
//! description  what a task says about itself at length
//! day    dates and weeks               oversight  load, reports and flow
//! date   the dates that requests give  line   what may stand in one line of text
//! mention  chosen people in a comment
//! invitation  how a person is asked into a project   account  what an account says to its own user
//! session: pending ops · connection machine · cursor → the view that the page shows
//! room: the log's place on a node · who listens · gaps → what each socket is sent
//! ```
//!
//! Nothing here reads a clock or a source of randomness, waits, or touches a network: time and
//! randomness come in as arguments, and effects go out as values. That is what lets the tests
//! replay any run from one seed.

pub mod account;
pub mod apply;
pub mod board;
pub mod comment;
pub mod date;
pub mod day;
pub mod description;
pub mod error;
pub mod event;
mod fields;
pub mod ids;
pub mod invitation;
pub mod limit;
pub mod line;
pub mod mention;
pub mod notification;
pub mod op;
pub mod oversight;
pub mod rank;
mod readable;
pub mod request;
pub mod room;
pub mod session;
pub mod time;
pub mod wire;

pub use account::{Account, AccountSession};
pub use board::{Board, Category, Colleague, Label, Member, Priority, Project, Role, Snapshot, Status, Task, User};
pub use comment::Comment;
pub use day::Day;
pub use description::TaskDescription;
pub use error::ApiError;
pub use event::{Change, Event, Move};
pub use ids::{
    CommentId, Epoch, EventId, InvitationId, LabelId, NotificationId, OpId, ProjectId, PublicSessionId, StatusId,
    TabId, TaskId, UserId,
};
pub use invitation::{Invitation, InvitationOffer};
pub use notification::Notification;
pub use op::{Assignment, Bulk, BulkChange, BulkPatch, Op, Placement, TaskDraft, TaskPatch};
pub use rank::Rank;
pub use request::{Method, Request};
pub use time::Timestamp;
