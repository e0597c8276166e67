//! The `Backend` of a page during server-side rendering: the services, on behalf of the session's user.

use std::sync::Arc;

use app::backend::{Alerts, Backend, BellSink, Live, LiveBell, Reply, Sink, Site};
use engine::{
    Account, AccountSession, ApiError, Colleague, Day, Invitation, InvitationOffer, NotificationId, Op, OpId, Project,
    ProjectId, Request, Snapshot, TaskDescription, TaskId, Timestamp, User, UserId,
    comment::Thread,
    notification::Preferences,
    oversight::{
        Capacity, Flow, Report, Workload,
        query::{FlowQuery, ReportQuery, TasksQuery, WorkloadQuery},
        workload::LoadTasks,
    },
    session::ThreadInput,
    wire::PresenceMode,
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    clock,
    service::{
        ServiceError,
        account::CurrentSession,
        board, comment, description, invitation, member,
        oversight::{capacity, flow, report, tasks, versioned::Versioned, workload},
        preferences, search,
    },
    site,
    state::AppState,
    store::{Store, threads::ThreadPart},
};

/// The backend of one request.
pub(super) struct PageBackend {
    state: AppState,
    session: Option<CurrentSession>,
    user: Option<User>,
}

/// A live board or bell that does nothing: pages are live only in browsers.
struct InertLive;

impl PageBackend {
    pub(super) fn new(state: AppState, session: Option<CurrentSession>) -> Self {
        let user = session.as_ref().map(|session| session.user.clone());
        Self { state, session, user }
    }

    /// The signed-in user, and the store.
    fn asks(&self) -> (Result<User, ApiError>, Store) {
        let user = self.user.clone().ok_or_else(not_signed_in);
        (user, self.state.services.store.clone())
    }
}

impl Backend for PageBackend {
    fn now(&self) -> Timestamp {
        clock::now()
    }

    fn today(&self) -> Reply<Day> {
        let (user, store) = self.asks();
        Box::pin(
            async move { preferences::today(&store, &user?, clock::now()).await.map_err(ServiceError::into_error) },
        )
    }

    fn site(&self) -> Reply<Site> {
        let site = site::describe(&self.state.config);
        Box::pin(async move { Ok(site) })
    }

    fn me(&self) -> Reply<Option<User>> {
        let user = self.user.clone();
        Box::pin(async move { Ok(user) })
    }

    fn signed_in(&self, _user: UserId) {}

    fn when_other_user(&self, _told: Arc<dyn Fn(bool) + Send + Sync>) {}

    fn projects(&self) -> Reply<Vec<Project>> {
        let (user, store) = self.asks();
        Box::pin(async move { board::projects(&store, &user?).await.map_err(ServiceError::into_error) })
    }

    fn board(&self, project: ProjectId) -> Reply<Snapshot> {
        let (user, store) = self.asks();
        Box::pin(async move { board::snapshot(&store, &user?, project).await.map_err(ServiceError::into_error) })
    }

    fn colleagues(&self) -> Reply<Vec<Colleague>> {
        let (user, store) = self.asks();
        Box::pin(async move { member::colleagues(&store, &user?).await.map_err(ServiceError::into_error) })
    }

    fn search(&self, project: ProjectId, text: String) -> Reply<Vec<TaskId>> {
        let (user, store) = self.asks();
        Box::pin(async move { search::search(&store, &user?, project, &text).await.map_err(ServiceError::into_error) })
    }

    fn invitations(&self, project: ProjectId) -> Reply<Vec<Invitation>> {
        let (user, state) = (self.asks().0, self.state.clone());
        Box::pin(async move {
            // Without a public URL the links are paths, which the page completes.
            let site = state.config.public_url.clone().unwrap_or_default();
            invitation::list(&state.services, &user?, project, &site).await.map_err(ServiceError::into_error)
        })
    }

    fn invitation(&self, token: String) -> Reply<InvitationOffer> {
        let (user, store) = (self.user.clone(), self.state.services.store.clone());
        Box::pin(
            async move { invitation::offer(&store, user.as_ref(), &token).await.map_err(ServiceError::into_error) },
        )
    }

    fn description(&self, task: TaskId) -> Reply<TaskDescription> {
        let (user, store) = self.asks();
        Box::pin(async move { description::read(&store, &user?, task).await.map_err(ServiceError::into_error) })
    }

    fn thread(&self, task: TaskId) -> Reply<Thread> {
        let (user, store) = self.asks();
        Box::pin(async move {
            comment::thread(&store, &user?, task, ThreadPart::Newest).await.map_err(ServiceError::into_error)
        })
    }

    fn account(&self) -> Reply<Account> {
        let (user, state) = (self.asks().0, self.state.clone());
        Box::pin(async move {
            state.services.accounts.account(&state.services.store, user?.id).await.map_err(ServiceError::into_error)
        })
    }

    fn account_sessions(&self) -> Reply<Vec<AccountSession>> {
        let (session, state) = (self.session.clone(), self.state.clone());
        Box::pin(async move {
            let session = session.ok_or_else(not_signed_in)?;
            state.services.accounts.sessions(&state.services.store, &session).await.map_err(ServiceError::into_error)
        })
    }

    fn preferences(&self) -> Reply<Preferences> {
        let (user, state) = (self.asks().0, self.state.clone());
        Box::pin(async move { preferences::get(&state.services, &user?).await.map_err(ServiceError::into_error) })
    }

    fn workload(&self, query: WorkloadQuery, known: Option<String>) -> Reply<Option<Workload>> {
        let (user, state) = (self.asks().0, self.state.clone());
        Box::pin(async move {
            let (oversight, store) = (&state.services.oversight, &state.services.store);
            let answer = workload::get(oversight, store, &user?, &query, &known.into(), clock::now()).await;
            answer.map(Versioned::into_new).map_err(ServiceError::into_error)
        })
    }

    fn load_tasks(&self, query: TasksQuery) -> Reply<LoadTasks> {
        let (user, store) = self.asks();
        Box::pin(
            async move { tasks::get(&store, &user?, &query, clock::now()).await.map_err(ServiceError::into_error) },
        )
    }

    fn report(&self, query: ReportQuery, known: Option<String>) -> Reply<Option<Report>> {
        let (user, state) = (self.asks().0, self.state.clone());
        Box::pin(async move {
            let answer = report::report(&state.services, &user?, &query, &known.into())
                .await
                .map_err(ServiceError::into_error)?;
            Ok(answer.into_new().map(|read| read.report))
        })
    }

    fn flow(&self, query: FlowQuery, known: Option<String>) -> Reply<Option<Flow>> {
        let (user, state) = (self.asks().0, self.state.clone());
        Box::pin(async move {
            let answer = flow::flow(&state.services, &user?, &query, &known.into()).await;
            answer.map(Versioned::into_new).map_err(ServiceError::into_error)
        })
    }

    fn capacity(&self, user: UserId) -> Reply<Capacity> {
        let (me, store) = self.asks();
        Box::pin(async move { capacity::get(&store, &me?, user).await.map_err(ServiceError::into_error) })
    }

    fn copy(&self, _address: String) -> Reply<()> {
        Box::pin(async { Err(read_only()) })
    }

    fn copy_text(&self, _text: String) -> Reply<()> {
        Box::pin(async { Err(read_only()) })
    }

    fn send(&self, _request: Request) -> Reply<Value> {
        Box::pin(async { Err(read_only()) })
    }

    fn send_as(&self, _op: OpId, request: Request) -> Reply<Value> {
        self.send(request)
    }

    fn unsent(&self, _user: UserId) -> Reply<usize> {
        Box::pin(async { Ok(0) })
    }

    fn forget(&self, _user: UserId) -> Reply<()> {
        Box::pin(async { Ok(()) })
    }

    fn open(&self, _snapshot: Snapshot, _me: UserId, _sink: Arc<dyn Sink>) -> Box<dyn Live> {
        Box::new(InertLive)
    }

    fn submit_behind(&self, _me: UserId, _project: ProjectId, _op: &Op) -> bool {
        false
    }

    fn listen(&self, _me: UserId, _sink: Arc<dyn BellSink>) -> Box<dyn LiveBell> {
        Box::new(InertLive)
    }

    fn alerts(&self) -> Alerts {
        Alerts::Unavailable
    }

    fn set_alerts(&self, _on: bool) -> Reply<Alerts> {
        Box::pin(async { Ok(Alerts::Unavailable) })
    }
}

fn not_signed_in() -> ApiError {
    ApiError::new(401, "not_signed_in", "Sign in first.")
}

fn read_only() -> ApiError {
    ApiError::new(405, "read_only", "A page can't make changes while it is rendered.")
}

impl Live for InertLive {
    fn submit(&self, _op: Op) -> OpId {
        OpId::new(Uuid::nil())
    }

    fn retry(&self) {}

    fn presence(&self, _task: Option<TaskId>, _mode: PresenceMode) {}

    fn resubmit(&self, _op: OpId) {}

    fn discard(&self, _op: OpId) {}

    fn discard_unreadable(&self) {}

    fn thread(&self, _input: ThreadInput) {}
}

impl LiveBell for InertLive {
    fn retry(&self) {}

    fn more(&self, _unread: bool, _below: Option<NotificationId>) {}

    fn read(&self, _id: NotificationId) {}

    fn read_all(&self) {}

    fn set_open_task(&self, _task: Option<TaskId>) {}

    fn oversee(&self, _on: bool) {}
}
