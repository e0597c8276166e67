//! The text of one field while it is edited. Pure, so that its rules are tested on the host.

/// The text of one field, apart from the value that everyone sees.
///
/// Until the field is left it holds what was typed, and changes from outside don't reach it. A text that its rule
/// refuses stays, with the reason, until it is corrected or the editing is cancelled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct EditedText {
    edit: Option<Edit>,
    /// A saved text whose event has not arrived, and the value that it replaces.
    saved: Option<(String, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Edit {
    typed: String,
    /// What the field showed when the editing began.
    began: String,
    /// What everyone else saw then.
    outside: String,
    refused: Option<String>,
}

/// What happens to a text when its field is left, or Enter is pressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    /// Nothing was edited, or the value is the same.
    Unchanged,
    /// Save this value.
    Save(String),
    /// The rule refuses it: it stays in the field.
    Refused,
}

impl EditedText {
    /// What the field shows while everyone else sees `outside`.
    pub(crate) fn shown<'a>(&'a self, outside: &'a str) -> &'a str {
        match (&self.edit, &self.saved) {
            (Some(edit), _) => &edit.typed,
            (None, Some((text, before))) if before == outside => text,
            _ => outside,
        }
    }

    /// Takes what was typed while everyone else sees `outside`. Clears the reason, which was about another text.
    pub(crate) fn write(&mut self, typed: String, outside: &str) {
        let began = self.shown(outside).to_owned();
        match &mut self.edit {
            Some(edit) => {
                edit.typed = typed;
                edit.refused = None;
            }
            None => self.edit = Some(Edit { typed, began, outside: outside.to_owned(), refused: None }),
        }
    }

    /// Ends the editing, unless `read`, which parses the text to a value, refuses it. `value` is what everyone sees, as
    /// a value.
    pub(crate) fn leave(&mut self, value: &str, read: impl Fn(&str) -> Result<String, String>) -> Left {
        let Some(edit) = &mut self.edit else { return Left::Unchanged };
        // Typed and reverted: what others changed meanwhile stays.
        if edit.typed == edit.began {
            self.edit = None;
            return Left::Unchanged;
        }
        match read(&edit.typed) {
            Ok(read) => {
                self.edit = None;
                if read == value { Left::Unchanged } else { Left::Save(read) }
            }
            Err(reason) => {
                edit.refused = Some(reason);
                Left::Refused
            }
        }
    }

    /// Marks what was typed as saved without ending the editing: leaving the field saves nothing more.
    pub(crate) fn keep_typing(&mut self) {
        if let Some(edit) = &mut self.edit {
            edit.began.clone_from(&edit.typed);
        }
    }

    /// Cancels the editing. Returns whether there was any.
    pub(crate) fn restore(&mut self) -> bool {
        self.edit.take().is_some()
    }

    /// Shows `text`, which a request has saved in place of `before`, until the change itself arrives.
    pub(crate) fn await_change(&mut self, text: String, before: String) {
        self.saved = Some((text, before));
    }

    /// Takes a new value from outside: the awaited text, or another one. Returns whether a text was awaited.
    pub(crate) fn outside_changed(&mut self, outside: &str) -> bool {
        self.saved.take_if(|(_, before)| before != outside).is_some()
    }

    /// Puts a `text` that the server has refused back into the field, unless something else is being typed there.
    pub(crate) fn refuse(&mut self, text: String, outside: &str, reason: String) {
        self.saved = None;
        if self.edit.is_none() {
            self.edit = Some(Edit {
                typed: text,
                began: outside.to_owned(),
                outside: outside.to_owned(),
                refused: Some(reason),
            });
        }
    }

    /// Whether the value has changed to another text, `outside`, since the editing began.
    pub(crate) fn is_overtaken(&self, outside: &str) -> bool {
        self.edit.as_ref().is_some_and(|edit| edit.outside != outside && edit.typed != outside)
    }

    /// Why the typed text is refused.
    pub(crate) fn reason(&self) -> Option<&str> {
        self.edit.as_ref()?.refused.as_deref()
    }

    /// The text that is being typed.
    pub(crate) fn typed(&self) -> Option<&str> {
        self.edit.as_ref().map(|edit| edit.typed.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Result<String, String> {
        text.parse::<f64>().map(|number| number.to_string()).map_err(|_| "Not a number.".to_owned())
    }

    #[test]
    fn typed_text_is_never_rewritten() {
        let mut field = EditedText::default();
        for text in ["1", "1.", "1.5"] {
            field.write(text.to_owned(), "8");
            assert_eq!(field.shown("8"), text);
            assert_eq!(field.shown("9"), text, "others change it meanwhile");
        }
        assert_eq!(field.leave("9", number), Left::Save("1.5".to_owned()));
        assert_eq!(field.shown("1.5"), "1.5");
        assert_eq!(field.leave("1.5", number), Left::Unchanged, "saved once");
    }

    #[test]
    fn a_refused_text_keeps_its_reason_until_it_changes() {
        let mut field = EditedText::default();
        field.write("8e".to_owned(), "8");
        assert_eq!(field.leave("8", number), Left::Refused);
        assert_eq!((field.shown("8"), field.reason()), ("8e", Some("Not a number.")));
        field.write("8".to_owned(), "8");
        assert_eq!(field.reason(), None);
        assert_eq!(field.leave("8", number), Left::Unchanged, "what it began with");
        assert_eq!(field.typed(), None);
    }

    #[test]
    fn escape_restores_the_current_value() {
        let mut field = EditedText::default();
        assert!(!field.restore(), "nothing to cancel");
        field.write("gar".to_owned(), "Old");
        assert!(field.restore());
        assert_eq!(field.shown("New"), "New");
        assert_eq!(field.leave("New", number), Left::Unchanged);
    }

    #[test]
    fn a_reverted_text_overwrites_no_change() {
        let mut field = EditedText::default();
        field.write("1".to_owned(), "8");
        field.write("8".to_owned(), "9");
        assert_eq!(field.leave("9", number), Left::Unchanged);
        assert_eq!(field.shown("9"), "9");
    }

    #[test]
    fn another_spelling_of_the_value_is_not_saved() {
        let mut field = EditedText::default();
        field.write("8.0".to_owned(), "8");
        assert_eq!(field.leave("8", number), Left::Unchanged);
        assert_eq!(field.shown("8"), "8");
    }

    #[test]
    fn a_saved_text_is_shown_until_its_event_arrives() {
        let mut field = EditedText::default();
        field.await_change("New".to_owned(), "Old".to_owned());
        assert_eq!(field.shown("Old"), "New");
        field.outside_changed("Old");
        assert_eq!(field.shown("Old"), "New");
        field.outside_changed("New");
        assert_eq!(field.shown("Old"), "Old", "somebody took it back");
        field.refuse("New".to_owned(), "Old", "Too long.".to_owned());
        assert_eq!((field.shown("Old"), field.reason()), ("New", Some("Too long.")));
    }

    #[test]
    fn a_change_during_an_editing_is_reported() {
        let mut field = EditedText::default();
        assert!(!field.is_overtaken("New"), "nothing is typed");
        field.write("Mine".to_owned(), "Old");
        assert!(!field.is_overtaken("Old"));
        assert!(field.is_overtaken("New"));
        assert!(!field.is_overtaken("Mine"), "they mean the same");
    }

    #[test]
    fn text_that_was_saved_while_typing_is_not_saved_again() {
        let mut field = EditedText::default();
        field.write("12".to_owned(), "8");
        field.keep_typing();
        assert_eq!(field.shown("12"), "12");
        assert_eq!(field.leave("12", number), Left::Unchanged);
    }
}
