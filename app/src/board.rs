//! The board page: columns of cards, live.
//!
//! ```text
//! store       the board as signals     sink       what the live handle brings, with its motion
//! view        the whole of it          column, card, composer, priority   its parts
//! connection  the pill in the header   people     who is here
//! unmade      what was refused         refusal    a refused op in words    role_notice  another role
//! removed     cards that leave while one is at them
//! due         dates in words           desk       what the parts share
//! order       the columns' order       collapsed   which are strips
//! new_column  adding one              notes       what an empty board says
//! page        what is asked of the document   popover   what a button opens: menu, column_menu
//! keys        keys on the board               roving    the one card that Tab leads to
//! ```

mod board_state;
mod card;
mod collapsed;
mod column;
pub(crate) mod column_editor;
mod column_menu;
mod composer;
pub mod connection;
mod drag;
pub mod due;
mod elements;
pub mod filter;
mod keys;
mod menu;
mod motion;
mod motion_limit;
mod new_board;
mod new_column;
mod notes;
mod order;
#[expect(unreachable_pub, reason = "what #[component] generates is `pub`, whatever the component is")]
mod page;
pub mod people;
mod refusal;
pub mod rejected;
mod relocate;
mod removed;
mod role_notice;
mod roving;
mod sink;
mod store;
pub mod view;

pub use connection::ConnectionPill;
pub(crate) use new_board::mark_new_board;
pub(crate) use page::{BoardAddress, CardPanel, board, ending};
pub use people::MemberFaces;
pub use rejected::RejectedList;
pub(crate) use rejected::decision;
pub(crate) use roving::focus as focus_board;
pub use sink::open_board;
pub(crate) use store::last_owner;
pub use store::{BoardStore, Card, RefusalListener, ShownThread};
pub use view::BoardView;
