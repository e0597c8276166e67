//! The board page: columns of cards, live.
//!
//! ```text
//! page        the route: header, board, panel     view          the board itself
//! store       the board as signals                sink          feeds it from the live handle, with motion
//! board_state what the parts share                filter        which cards are shown
//! column, card, composer                          its parts
//! column_editor, new_column, order, collapsed     changing, adding, ordering and collapsing columns
//! drag        dragging cards and columns          relocate      moving a card without dragging
//! keys        keyboard shortcuts                  roving        the one card that Tab leads to
//! menu, column_menu                               the popovers of a card and of a column
//! connection  the pill in the header              people        the members who are here
//! rejected    the list of refused ops             refusal       a refused op in words
//! removed     cards deleted while in use          role_notice   a change of the reader's role
//! motion      glides and rings                    motion_limit  how much motion is shown
//! elements    the board's elements in the DOM     due           due dates in words
//! notes       what an empty board shows           new_board     a board created on this page
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
pub(crate) use page::{BoardAddress, CardPanel, board, ending};
pub use people::MemberFaces;
pub use rejected::RejectedList;
pub(crate) use rejected::decision;
pub(crate) use roving::focus as focus_board;
pub use sink::open_board;
pub(crate) use store::last_owner;
pub use store::{BoardStore, Card, RefusalListener, ShownThread};
pub use view::BoardView;
pub(crate) use view::mark_new_board;
