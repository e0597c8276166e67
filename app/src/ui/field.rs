//! The fields of all pages. A page uses these and no other: `make lint` looks for an `input` elsewhere.
//!
//! ```text
//! saved     fields that save themselves, on:    edited   their text while it is edited
//!           line, area, date                    rule, date_text   what they take, and how they write it
//! text, password   fields of a form             drafts   what was typed and not saved
//! missing   what a form lacks, beside its field
//! choice, toggle, color   choices               picker   the month behind a date
//! write     text that is sent by a button       search   a field that finds at each key
//! key      input methods and shortcuts
//! reader    how its reader writes
//! ```
//!
//! The rules: a field holds what is typed until it is left, and never rewrites it; it saves once, on Enter or when it is
//! left; Esc restores what everybody sees; what is refused stays, with the reason beside it; nothing is cut.

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
mod toggle;
mod write;

pub(crate) use area::TextArea;
pub(crate) use choice::{Choice, Select, people, people_and_me};
pub(crate) use color::{dot, next_color, swatches};
pub(crate) use date::DateField;
pub(crate) use drafts::{Drafts, StoredDraft, clear, left_behind};
pub(crate) use key::{is_typing, keep_compositions_apart, send_on_enter, sends, shortcut, undoes};
pub(crate) use line::LineField;
pub(crate) use password::{PasswordField, password_owner};
pub(crate) use reader::{Reader, folded};
pub(crate) use rule::{Rule, one_line, too_long};
pub(crate) use saved::{Save, SavedField, Takes, first_invalid};
pub(crate) use search::{SearchField, read_only};
pub(crate) use text::{TextField, line_of};
pub(crate) use toggle::{segments, switch};
pub(crate) use write::WriteArea;
