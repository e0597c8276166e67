//! The pure core of Lockstep, shared by the server, the browser and the tests.
//!
//! ```text
//! ids          newtypes over UUIDs               rank         the place of a card in its column
//! time         instants, RFC 3339                day, date    dates, weeks, dates in requests
//! limit        sizes that both sides check       line         the characters allowed in one line of text
//! board        the contents of a project         fields       the plain fields of a task
//! sorted       an ordered map and a set of little code
//! op           changes that users ask for        event        changes that happened
//! apply        event → board                     wire         frames and close codes
//! request      the HTTP request of each op       error        refusals of requests
//! comment      comments on tasks                 mention      explicit mentions in comments
//! description  a task's description              notification notifications and preferences
//! invitation   invitations to a project          account      a user's own account
//! oversight    workload, reports and flow
//! session      pending ops · reconnect machine · cursor → the view that the page shows
//! room         a node's place in a log · members · gaps → the frames of each socket
//! ```
//!
//! Nothing here reads a clock or a source of randomness, waits, or touches a network: time and randomness are
//! arguments, and effects are return values. So the tests can replay any run from one seed.

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
pub mod sorted;
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
