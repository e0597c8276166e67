//! The ways into a write to a project: who may begin it, and what the first statement reads.

use engine::{ApiError, Placement, ProjectId, Role, TaskId, UserId};

use super::ProjectWrite;
use crate::{
    clock,
    service::{
        Intent, ServiceError, Services,
        access::{self, Right, project_not_found, task_not_found},
    },
    store::{Entry, InsertionPoint, RemovalKey, TaskRow, WriteTx},
};

impl ProjectWrite {
    /// Enters a project.
    ///
    /// # Errors
    /// The stored response of an op that was executed before; `project_not_found`; `forbidden`.
    pub(in crate::service) async fn enter(
        services: &Services,
        intent: Intent,
        id: ProjectId,
        right: Right,
    ) -> Result<Self, ServiceError> {
        let (tx, entry) = services.store.enter_project(id, intent.user.id, intent.op_id).await?;
        let entry = entry.ok_or_else(project_not_found)?;
        Self::open(services, intent, tx, entry, right).await
    }

    /// Enters a project to continue an earlier write. Permission was checked [then](Self::enter): the user may have
    /// left the project since.
    ///
    /// # Errors
    /// `project_not_found`.
    pub(in crate::service) async fn resume(
        services: &Services,
        intent: Intent,
        id: ProjectId,
    ) -> Result<Self, ServiceError> {
        let (tx, entry) = services.store.enter_project(id, intent.user.id, intent.op_id).await?;
        let entry = entry.filter(|entry| !entry.deleted).ok_or_else(project_not_found)?;
        let entry = Entry { role: Some(Role::Owner), ..entry };
        Self::open(services, intent, tx, entry, Right::EditStatuses).await
    }

    /// Enters a project by an invitation, and returns the user's current role in it. The caller checks whether the
    /// project is deleted.
    ///
    /// # Errors
    /// The stored response of an op that was executed before; `project_not_found`.
    pub(in crate::service) async fn enter_invited(
        services: &Services,
        intent: Intent,
        id: ProjectId,
    ) -> Result<(Self, Option<Role>), ServiceError> {
        let (tx, entry) = services.store.enter_project(id, intent.user.id, intent.op_id).await?;
        let entry = entry.ok_or_else(project_not_found)?;
        let role = entry.role;
        // A former member who repeats the op that made them one learns no more than a stranger.
        let may_repeat = |entry: &Entry| access::check(entry.role, Right::Read).map(drop);
        let check = |entry: &Entry| Ok(entry.role.unwrap_or(Role::Viewer));
        let write = Self::respond_once(services, intent, tx, entry, may_repeat, check).await?;
        Ok((write, role))
    }

    /// Enters a project as a member, or as a user who recently left it.
    ///
    /// # Errors
    /// The stored response of an op that was executed before; `project_not_found`, also for users whom someone else
    /// removed.
    pub(in crate::service) async fn enter_left(
        services: &Services,
        intent: Intent,
        id: ProjectId,
        user: UserId,
    ) -> Result<Self, ServiceError> {
        let (mut tx, entry) = services.store.enter_project(id, intent.user.id, intent.op_id).await?;
        let entry = entry.filter(|entry| !entry.deleted).ok_or_else(project_not_found)?;
        let left = match entry.role {
            Some(_) => true,
            None => {
                let removal = tx.removal::<Role>(&RemovalKey::of_member(id, user)).await?;
                removal.is_some_and(|removal| removal.by == user)
            }
        };
        let may_repeat = |entry: &Entry| access::check(entry.role, Right::Read).map(drop);
        let check = |entry: &Entry| {
            let role = if left { entry.role.or(Some(Role::Viewer)) } else { None };
            access::check(role, Right::Read)
        };
        Self::respond_once(services, intent, tx, entry, may_repeat, check).await
    }

    /// Enters the project of a task that is on the board or deleted.
    ///
    /// # Errors
    /// As [`enter`](Self::enter), but `task_not_found`.
    pub(in crate::service) async fn enter_task(
        services: &Services,
        intent: Intent,
        id: TaskId,
        right: Right,
    ) -> Result<(Self, TaskRow), ServiceError> {
        let (tx, entry) = services.store.enter_task(id, intent.user.id, intent.op_id).await?;
        let (entry, task) = entry.ok_or_else(task_not_found)?;
        let write = Self::open(services, intent, tx, entry, right).await.map_err(of_task)?;
        Ok((write, task?))
    }

    /// Enters the project of a task that is to be moved, and finds its target: `None` if the column does not exist.
    ///
    /// # Errors
    /// As [`enter_task`](Self::enter_task).
    pub(in crate::service) async fn enter_move(
        services: &Services,
        intent: Intent,
        id: TaskId,
        to: Placement,
        right: Right,
    ) -> Result<(Self, TaskRow, Option<InsertionPoint>), ServiceError> {
        let (tx, entry) = services.store.enter_move(id, intent.user.id, intent.op_id, to).await?;
        let (entry, moved) = entry.ok_or_else(task_not_found)?;
        let write = Self::open(services, intent, tx, entry, right).await.map_err(of_task)?;
        let (task, place) = moved?;
        Ok((write, task, place))
    }

    async fn open(
        services: &Services,
        intent: Intent,
        tx: WriteTx,
        entry: Entry,
        right: Right,
    ) -> Result<Self, ServiceError> {
        let check = |entry: &Entry| access::check(if entry.deleted { None } else { entry.role }, right);
        let may_repeat = |entry: &Entry| match right {
            // The response contains only the user who has just left.
            Right::Leave => Ok(()),
            // A project deleted meanwhile still has its members: its deleter gets the stored response.
            right => access::check(entry.role, right).map(drop),
        };
        Self::respond_once(services, intent, tx, entry, may_repeat, check).await
    }

    async fn respond_once(
        services: &Services,
        intent: Intent,
        tx: WriteTx,
        mut entry: Entry,
        may_repeat: impl FnOnce(&Entry) -> Result<(), ApiError>,
        check: impl FnOnce(&Entry) -> Result<Role, ApiError>,
    ) -> Result<Self, ServiceError> {
        if let Some(stored) = entry.stored.take() {
            may_repeat(&entry)?;
            if let Err(error) = intent.check(Some(stored)) {
                // Repeat the response only once it is as durable as the first time.
                tx.roll_back().await?;
                return Err(error);
            }
        }
        let role = check(&entry)?;
        Ok(Self {
            tx,
            project: entry.project,
            role,
            intent,
            at: clock::now(),
            epoch: entry.epoch,
            seq: entry.seq,
            last: entry.last,
            changes: Vec::with_capacity(1),
            notices: Vec::new(),
            deliveries: Vec::new(),
            task: None,
            task_count: entry.task_count,
            created: 0,
            mail: services.sends_mail,
            store: services.store.clone(),
            realtime: services.realtime.clone(),
        })
    }
}

/// To a non-member, a task is as invisible as its project.
fn of_task(error: ServiceError) -> ServiceError {
    match error {
        ServiceError::Refused(error) if error.status == 404 => ServiceError::Refused(task_not_found()),
        other => other,
    }
}
