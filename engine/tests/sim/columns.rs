//! Columns of a board, by the rules of the server's services.

use engine::{ApiError, Change, Status, StatusId};

use crate::{rows::Rows, service::refused};

impl Rows {
    /// Deletes a column without cards, unless it is the only one.
    pub(crate) fn delete_status(&mut self, id: StatusId) -> Result<Change, ApiError> {
        let status = self.status(id)?;
        if self.tasks.values().any(|(task, gone)| !gone && task.status_id == id) {
            return Err(refused(409, "status_not_empty"));
        }
        if self.statuses.len() == 1 {
            return Err(refused(409, "last_status"));
        }
        self.statuses.retain(|other| other.id != id);
        self.deleted_statuses.push(status.clone());
        Ok(Change::StatusDeleted(status))
    }

    /// Restores a deleted column to its place.
    pub(crate) fn restore_status(&mut self, id: StatusId) -> Result<Change, ApiError> {
        if self.status(id).is_ok() {
            return Err(refused(409, "status_not_deleted"));
        }
        let at = self.deleted_statuses.iter().position(|status| status.id == id);
        let status = self.deleted_statuses.remove(at.ok_or_else(|| refused(410, "undo_expired"))?);
        self.statuses.push(status.clone());
        self.statuses.sort_by(|a, b| (&a.rank, a.id).cmp(&(&b.rank, b.id)));
        Ok(Change::StatusCreated(status))
    }

    pub(crate) fn status(&self, id: StatusId) -> Result<Status, ApiError> {
        let found = self.statuses.iter().find(|status| status.id == id);
        found.cloned().ok_or_else(|| refused(404, "status_not_found"))
    }

    /// The column to which a card is restored: its own, or the first if that is gone.
    pub(crate) fn column_of(&self, id: StatusId) -> StatusId {
        if self.status(id).is_ok() { id } else { self.statuses[0].id }
    }
}
