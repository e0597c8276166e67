//! The description of a task, as Markdown and as HTML.

use serde::{Deserialize, Serialize};

use crate::TaskId;

/// A description at one version of its task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TaskDescription {
    /// The task.
    pub task_id: TaskId,
    /// The task's version when this was read; an edit has to name it.
    pub version: i64,
    /// Markdown.
    pub text: String,
    /// The same as HTML, rendered and sanitised by the server. `None` if it has too much markup: it is then shown as
    /// text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// Byte offsets of the task list check boxes in the text, in the order of those in the HTML.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub boxes: Vec<u32>,
}

/// Toggles the check box at byte `at`. Returns `None` if no check box is there.
pub fn with_box_toggled(text: &str, at: u32) -> Option<String> {
    let at = at as usize;
    let (before, rest) = (text.get(..at)?, text.get(at..)?);
    let mark = match rest.get(..3)? {
        "[x]" | "[X]" => "[ ]",
        // Any white space between the brackets means unchecked.
        clear if clear.starts_with('[') && clear.ends_with(']') => "[x]",
        _ => return None,
    };
    Some(format!("{before}{mark}{}", &rest[3..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_box_is_toggled_in_place() {
        let text = "Über\n- [ ] a\n- [X] b\n- [\t] c";
        let at = |needle: &str| u32::try_from(text.find(needle).expect("it is there")).expect("short");
        assert_eq!(with_box_toggled(text, at("[ ]")).as_deref(), Some("Über\n- [x] a\n- [X] b\n- [\t] c"));
        assert_eq!(with_box_toggled(text, at("[X]")).as_deref(), Some("Über\n- [ ] a\n- [ ] b\n- [\t] c"));
        assert_eq!(with_box_toggled(text, at("[\t]")).as_deref(), Some("Über\n- [ ] a\n- [X] b\n- [x] c"));
        for at in [0, 1, 2, 500] {
            assert_eq!(with_box_toggled(text, at), None, "{at}");
        }
    }
}
