//! Finds the tasks of a board by their text. The board that a page holds has no descriptions: they are long.

use engine::{ProjectId, TaskId, User, limit};
use unicode_normalization::UnicodeNormalization as _;

use super::{
    ServiceError,
    access::{self, Right},
    field::invalid,
};
use crate::store::Store;

/// The tasks on a board that have `text` in their title or description, in whatever case and form.
///
/// # Errors
/// `project_not_found`; `invalid` for a text that is empty or longer than a title.
pub async fn search(store: &Store, user: &User, project: ProjectId, text: &str) -> Result<Vec<TaskId>, ServiceError> {
    access::check(store.member_role(project, user.id).await?, Right::Read)?;
    let needle = folded(text.trim());
    if needle.is_empty() || text.chars().count() > limit::TITLE {
        return Err(invalid("text", format!("1 to {} characters.", limit::TITLE)).into());
    }
    Ok(store.find_tasks(project, |written| folded(written).contains(&needle)).await?)
}

/// A text as pages compare it: letters that readers take for the same are the same. Upper case has one form of what
/// lower case has several of (ß and ss); ligatures fall apart in the first normalisation.
fn folded(text: &str) -> String {
    text.nfkc().collect::<String>().to_uppercase().nfkc().collect()
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn letters_that_look_the_same_are_the_same() {
        for (one, other) in [("Straße", "STRASSE"), ("ﬁle", "FILE"), ("Ｌｏｃｋ", "lock"), ("ΟΔΟΣ", "οδος")]
        {
            assert_eq!(folded(one), folded(other), "{one}");
        }
    }
}
