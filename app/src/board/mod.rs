//! The board page: columns of cards, live.
//!
//! ```text
//! store       the board as signals        sink       what the live handle brings, with its motion
//! view        the whole of it             column, card, composer   its parts
//! connection  the pill in the header      people     who is here
//! due         dates in words
//! ```

pub mod connection;
pub mod due;
pub mod people;
mod sink;
mod store;
pub mod view;

pub use connection::ConnectionPill;
pub use people::PeopleHere;
pub use store::{BoardStore, Card, RefusalListener};
pub use view::{BoardView, ColumnMenu};
