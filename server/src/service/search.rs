//! Finds a board's tasks by text. Pages cannot: their board has no descriptions, which are long.

use engine::{ProjectId, TaskId, User, limit};
use unicode_normalization::UnicodeNormalization as _;

use super::{
    ServiceError,
    access::{self, Right},
    field::invalid,
};
use crate::store::Store;

/// The tasks on a board whose title or description contains `text`, in any case and form.
///
/// # Errors
/// `project_not_found`; `invalid` for an empty text, or one longer than a title.
pub async fn search(store: &Store, user: &User, project: ProjectId, text: &str) -> Result<Vec<TaskId>, ServiceError> {
    access::check(store.member_role(project, user.id).await?, Right::Read)?;
    let needle = folded(text.trim());
    if needle.is_empty() || text.chars().count() > limit::TITLE {
        return Err(invalid("text", format!("1 to {} characters.", limit::TITLE)).into());
    }
    Ok(store.find_tasks(project, |written| folded(written).contains(&needle)).await?)
}

/// A text in the form in which pages compare it, so that letters which look alike are equal. Upper case unifies
/// several lower-case forms (ß and ss); the first normalisation splits ligatures.
fn folded(text: &str) -> String {
    text.nfkc().collect::<String>().to_uppercase().nfkc().collect()
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn lookalike_letters_are_equal() {
        for (one, other) in [("Straße", "STRASSE"), ("ﬁle", "FILE"), ("Ｌｏｃｋ", "lock"), ("ΟΔΟΣ", "οδος")]
        {
            assert_eq!(folded(one), folded(other), "{one}");
        }
    }
}
