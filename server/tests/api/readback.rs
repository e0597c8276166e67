//! Everything the server accepts can be read again, and everything else is refused with a reason.

mod accepted;
mod dates;
mod letters;
mod lists;
mod odd;
mod rows;
mod sign_in;
mod single;
mod text;
