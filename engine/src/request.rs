//! The HTTP request of each op, for browsers, tests and the load generator.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Bulk, Op, ProjectId};

/// An HTTP method that a client uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Method {
    /// Reads.
    Get,
    /// Makes.
    Post,
    /// Changes.
    Patch,
    /// Sets, whatever was there.
    Put,
    /// Deletes.
    Delete,
}

/// A request under `/api`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// How.
    pub method: Method,
    /// Where, with the leading `/api`.
    pub path: String,
    /// JSON, where there is a body.
    pub body: Option<Value>,
}

impl Request {
    /// A request without a body.
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), body: None }
    }

    /// The same request with a JSON body.
    #[must_use]
    pub fn json(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }
}

/// Percent-encodes a query value, except unreserved characters and `/`.
pub fn escape(value: &str) -> String {
    use std::fmt::Write as _;
    value.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

impl Op {
    /// The request that submits this op, sent with `Idempotency-Key: <op id>`.
    pub fn request(&self) -> Request {
        match self {
            Op::CreateTask { project_id, draft } => {
                Request::new(Method::Post, format!("/api/projects/{project_id}/tasks")).json(json!(draft))
            }
            Op::UpdateTask { task_id, patch } => {
                Request::new(Method::Patch, format!("/api/tasks/{task_id}")).json(json!(patch))
            }
            Op::MoveTask { task_id, to } => {
                Request::new(Method::Patch, format!("/api/tasks/{task_id}/status")).json(json!(to))
            }
            Op::AssignTask { task_id, assignee_id } => {
                Request::new(Method::Post, format!("/api/tasks/{task_id}/assign"))
                    .json(json!({ "assignee_id": assignee_id }))
            }
            Op::DeleteTask { task_id } => Request::new(Method::Delete, format!("/api/tasks/{task_id}")),
            Op::RestoreTask { task_id } => Request::new(Method::Post, format!("/api/tasks/{task_id}/restore")),
            Op::AddComment { task_id, draft } => {
                Request::new(Method::Post, format!("/api/tasks/{task_id}/comments")).json(json!(draft))
            }
            Op::EditComment { comment_id, draft, .. } => {
                Request::new(Method::Patch, format!("/api/comments/{comment_id}")).json(json!(draft))
            }
            Op::DeleteComment { comment_id, .. } => Request::new(Method::Delete, format!("/api/comments/{comment_id}")),
            Op::RestoreComment { comment_id, .. } => {
                Request::new(Method::Post, format!("/api/comments/{comment_id}/restore"))
            }
            Op::DeleteStatus { project_id, status_id } => {
                Request::new(Method::Delete, format!("/api/projects/{project_id}/statuses/{status_id}"))
            }
            Op::RestoreStatus { project_id, status_id } => {
                Request::new(Method::Post, format!("/api/projects/{project_id}/statuses/{status_id}/restore"))
            }
            Op::ChangeRole { project_id, user_id, role } => {
                Request::new(Method::Patch, format!("/api/projects/{project_id}/members/{user_id}"))
                    .json(json!({ "role": role }))
            }
            Op::RemoveMember { project_id, user_id } => {
                Request::new(Method::Delete, format!("/api/projects/{project_id}/members/{user_id}"))
            }
            Op::RestoreMember { project_id, user_id } => {
                Request::new(Method::Post, format!("/api/projects/{project_id}/members/{user_id}/restore"))
            }
        }
    }
}

impl Bulk {
    /// The request that submits this change of a project's tasks.
    pub fn request(&self, project: ProjectId) -> Request {
        Request::new(Method::Post, format!("/api/projects/{project}/tasks/bulk")).json(json!(self))
    }
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn a_query_inside_a_query_stays_whole() {
        assert_eq!(escape("/projects/1?task=2&x=ä"), "/projects/1%3Ftask%3D2%26x%3D%C3%A4");
    }
}
