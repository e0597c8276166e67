//! The fields of all pages: `make lint` refuses an `input` elsewhere.
//!
//! ```text
//! line, area, date        fields that save themselves     saved       what those share
//! edited    their text while it is edited                 drafts      texts that were not saved
//! rule, date_text         what they accept, and how values are formatted
//! text, password          fields of a form                missing     what the browser finds missing
//! choice, color           choices                         picker      the month of a date field
//! write     a text area that a button sends               search      a search field
//! key       input methods and shortcuts                   reader      how the reader writes
//! ```
//!
//! The rules: a field holds what is typed until it is left, and never rewrites it. It saves once, on Enter or on blur.
//! Escape restores what everyone sees. A refused text stays, with the reason beside it. Nothing is cut.

mod area;
mod choice;
mod color;
mod date;
mod date_text;
mod drafts;
mod edited;
mod key;
mod line;
mod missing;
mod password;
mod picker;
mod reader;
mod rule;
mod saved;
mod search;
mod text;
mod write;

pub(crate) use area::TextArea;
pub(crate) use choice::{Choice, Select, people, people_and_me};
pub(crate) use choice::{segments, switch};
pub(crate) use color::{dot, next_color, swatches};
pub(crate) use date::DateField;
pub(crate) use drafts::{Drafts, StoredDraft, clear, orphaned_draft};
pub(crate) use key::{is_typing, keep_compositions_apart, send_on_enter, sends, shortcut, undoes};
pub(crate) use line::LineField;
pub(crate) use password::{PasswordField, password_owner};
pub(crate) use reader::{Reader, folded};
pub(crate) use rule::{Rule, one_line, too_long};
pub(crate) use saved::{Save, SavedField, Takes, first_invalid};
pub(crate) use search::{SearchField, read_only};
pub(crate) use text::{TextField, line_of};
pub(crate) use write::WriteArea;
