//! What the server takes, everybody can read again; and what it cannot take, it refuses in words.

mod accepted;
mod dates;
mod letters;
mod lists;
mod odd;
mod rows;
mod sign_in;
mod single;
mod text;
