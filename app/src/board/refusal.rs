//! A refused op in words.

use engine::{ApiError, Op};

use crate::message::{person, quoted, sentence};

/// The sentence for a refused op: what was not done, and why. `name` is the name of the card, column or person.
pub(super) fn words(op: &Op, name: Option<&str>, error: &ApiError) -> String {
    let title = name.map(quoted);
    let (card, the_card) = (title.as_deref().unwrap_or("The card"), title.as_deref().unwrap_or("the card"));
    let subject = match op {
        Op::CreateTask { draft, .. } => quoted(&draft.title),
        Op::AddComment { .. } => format!("Your comment on {the_card}"),
        Op::EditComment { .. } => format!("Your edit of a comment on {the_card}"),
        Op::DeleteComment { .. } | Op::RestoreComment { .. } => "The comment".to_owned(),
        Op::DeleteStatus { .. } | Op::RestoreStatus { .. } => match &title {
            Some(title) => format!("The column {title}"),
            None => "The column".to_owned(),
        },
        Op::ChangeRole { .. } => match name {
            Some(name) => format!("The role of {}", person(name)),
            None => "The role".to_owned(),
        },
        Op::RemoveMember { .. } | Op::RestoreMember { .. } => name.map_or_else(|| "The member".to_owned(), person),
        _ => card.to_owned(),
    };
    let what = match op {
        Op::CreateTask { .. } => "was not added",
        Op::UpdateTask { .. } | Op::ChangeRole { .. } => "was not changed",
        Op::MoveTask { .. } => "was not moved",
        Op::AssignTask { .. } => "was not assigned",
        Op::DeleteTask { .. } | Op::DeleteComment { .. } | Op::DeleteStatus { .. } => "was not deleted",
        Op::AddComment { .. } => "was not sent",
        Op::EditComment { .. } => "was not saved",
        Op::RestoreTask { .. } | Op::RestoreComment { .. } | Op::RestoreStatus { .. } => "was not restored",
        Op::RemoveMember { .. } => "was not removed",
        Op::RestoreMember { .. } => "was not added back",
    };
    format!("{subject} {what}. {}", sentence(error))
}

#[cfg(test)]
mod tests {
    use engine::{ProjectId, Role, StatusId, TaskId, UserId};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_refusal_says_what_and_why() {
        let op = Op::DeleteTask { task_id: TaskId::new(Uuid::nil()) };
        let forbidden = ApiError::new(403, "forbidden", "");
        assert_eq!(
            words(&op, Some("Ship it"), &forbidden),
            "“Ship it” was not deleted. Your role in this project doesn't allow that."
        );
        let draft = engine::comment::CommentDraft { id: None, body: "Hi".to_owned(), mentions: Vec::new() };
        let comment = Op::AddComment { task_id: TaskId::new(Uuid::nil()), draft };
        assert_eq!(
            words(&comment, None, &forbidden),
            "Your comment on the card was not sent. Your role in this project doesn't allow that."
        );
        let gone = ApiError::new(404, "task_not_found", "");
        assert_eq!(words(&op, None, &gone), "The card was not deleted. This card was deleted.");
        let (project_id, user_id) = (ProjectId::new(Uuid::nil()), UserId::new(Uuid::nil()));
        let column = Op::DeleteStatus { project_id, status_id: StatusId::new(Uuid::nil()) };
        let full = ApiError::new(409, "status_not_empty", "");
        assert_eq!(
            words(&column, Some("Done"), &full),
            "The column “Done” was not deleted. Move this column's cards first, then delete it."
        );
        let role = Op::ChangeRole { project_id, user_id, role: Role::Viewer };
        let last = ApiError::new(409, "last_owner", "");
        assert_eq!(
            words(&role, Some("Ann"), &last),
            "The role of Ann was not changed. A project needs an owner. Make someone else an owner first."
        );
        assert_eq!(
            words(&Op::RemoveMember { project_id, user_id }, None, &forbidden),
            "The member was not removed. Your role in this project doesn't allow that."
        );
    }
}
