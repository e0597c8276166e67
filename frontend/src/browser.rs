//! The browser's answer to what the pages ask for.

use std::{future::Future, sync::Arc};

use app::{
    backend::{Alerts, Backend, BellSink, Live, LiveBell, Reply, Sink, Site},
    date::local_day,
};
use engine::{
    Account, AccountSession, ApiError, Colleague, Day, Invitation, InvitationOffer, Method, Op, OpId, Project,
    ProjectId, Request, Snapshot, TaskDescription, TaskId, Timestamp, User, UserId,
    comment::Thread,
    notification::Preferences,
    oversight::{
        Capacity, Flow, Report, Workload,
        query::{FlowQuery, ReportQuery, TasksQuery, WorkloadQuery},
        workload::LoadTasks,
    },
    request::escape,
};
use send_wrapper::SendWrapper;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use wasm_bindgen_futures::spawn_local;

use crate::{
    alerts,
    bell::BellHandle,
    board::{self, LiveBoard},
    clipboard, clock, copies, departure, http, legacy_comments, local, offline_store, random, user, worker,
};

/// The request that ends the session.
const SIGN_OUT: &str = "/api/auth/logout";

/// The backend of a page in the browser.
pub(crate) struct Browser;

#[derive(Deserialize)]
struct Me {
    user: User,
}

#[derive(Deserialize)]
struct Own {
    account: Account,
}

#[derive(Deserialize)]
struct Sessions {
    sessions: Vec<AccountSession>,
}

#[derive(Deserialize)]
struct Projects {
    projects: Vec<Project>,
}

#[derive(Deserialize)]
struct Invitations {
    invitations: Vec<Invitation>,
}

#[derive(Deserialize)]
struct Offer {
    invitation: InvitationOffer,
}

#[derive(Deserialize)]
struct Colleagues {
    colleagues: Vec<Colleague>,
}

#[derive(Deserialize)]
struct Found {
    task_ids: Vec<TaskId>,
}

impl Backend for Browser {
    fn now(&self) -> Timestamp {
        clock::server()
    }

    fn site(&self) -> Reply<Site> {
        reply(get("/api/site".to_owned()))
    }

    fn me(&self) -> Reply<Option<User>> {
        reply(async {
            // Asks for the signed-in user, so it must not name the user of this page.
            match http::send_unnamed(&Request::new(Method::Get, "/api/me")).await {
                Ok(Me { user }) => Ok(Some(user)),
                Err(error) if error.status == 401 => Ok(None),
                Err(error) => Err(error),
            }
        })
    }

    fn signed_in(&self, user: UserId) {
        user::signed_in(user);
        worker::drop_other_pages(user);
        departure::signed_in(user);
        spawn_local(copies::keep_only(Some(user)));
    }

    fn when_other_user(&self, listener: Arc<dyn Fn(bool) + Send + Sync>) {
        user::listen(listener);
    }

    fn today(&self) -> Reply<Day> {
        let today = local_day(self.now());
        reply(async move { Ok(today) })
    }

    fn projects(&self) -> Reply<Vec<Project>> {
        reply(async { get("/api/projects".to_owned()).await.map(|Projects { projects }| projects) })
    }

    fn board(&self, project: ProjectId) -> Reply<Snapshot> {
        reply(async move {
            match get(format!("/api/projects/{project}/board")).await {
                // As it was last: the page says so, and goes on from there.
                Err(error) if error.status == 0 => {
                    offline_store::stored_board(user::of_page(), project).await.ok_or(error)
                }
                Err(error) => {
                    if let Some(user) = user::of_page() {
                        copies::drop_if_refused(user, project, &error).await;
                    }
                    Err(error)
                }
                answer => answer,
            }
        })
    }

    fn colleagues(&self) -> Reply<Vec<Colleague>> {
        reply(async { get("/api/colleagues".to_owned()).await.map(|Colleagues { colleagues }| colleagues) })
    }

    fn search(&self, project: ProjectId, text: String) -> Reply<Vec<TaskId>> {
        let address = format!("/api/projects/{project}/search?text={}", escape(&text));
        reply(async move { get(address).await.map(|Found { task_ids }| task_ids) })
    }

    fn invitations(&self, project: ProjectId) -> Reply<Vec<Invitation>> {
        reply(async move {
            get(format!("/api/projects/{project}/invitations")).await.map(|Invitations { invitations }| invitations)
        })
    }

    fn invitation(&self, token: String) -> Reply<InvitationOffer> {
        reply(async move {
            get(format!("/api/invitations/{}", escape(&token))).await.map(|Offer { invitation }| invitation)
        })
    }

    fn description(&self, task: TaskId) -> Reply<TaskDescription> {
        reply(get(format!("/api/tasks/{task}/description")))
    }

    fn thread(&self, task: TaskId) -> Reply<Thread> {
        reply(get(format!("/api/tasks/{task}/comments")))
    }

    fn account(&self) -> Reply<Account> {
        reply(async { get("/api/account".to_owned()).await.map(|Own { account }| account) })
    }

    fn account_sessions(&self) -> Reply<Vec<AccountSession>> {
        reply(async { get("/api/account/sessions".to_owned()).await.map(|Sessions { sessions }| sessions) })
    }

    fn preferences(&self) -> Reply<Preferences> {
        reply(get("/api/notifications/preferences".to_owned()))
    }

    fn workload(&self, query: WorkloadQuery, known: Option<String>) -> Reply<Option<Workload>> {
        reply(get_newer(query.address("workload"), known))
    }

    fn load_tasks(&self, query: TasksQuery) -> Reply<LoadTasks> {
        reply(get(query.address()))
    }

    fn report(&self, query: ReportQuery, known: Option<String>) -> Reply<Option<Report>> {
        reply(get_newer(query.address("report"), known))
    }

    fn flow(&self, query: FlowQuery, known: Option<String>) -> Reply<Option<Flow>> {
        reply(get_newer(query.address(), known))
    }

    fn capacity(&self, user: UserId) -> Reply<Capacity> {
        reply(get(format!("/api/users/{user}/capacity")))
    }

    fn copy(&self, address: String) -> Reply<()> {
        reply(clipboard::copy(address))
    }

    fn copy_text(&self, text: String) -> Reply<()> {
        reply(clipboard::copy_text(text))
    }

    fn send(&self, request: Request) -> Reply<Value> {
        self.send_as(random::op_id(), request)
    }

    fn send_as(&self, op: OpId, request: Request) -> Reply<Value> {
        reply(async move {
            let signs_out = request.path == SIGN_OUT;
            if signs_out {
                departure::begin_sign_out();
            }
            let answer = http::send_any(&request, op).await;
            if signs_out && answer.is_err() {
                departure::give_up_sign_out();
            }
            answer
        })
    }

    fn unsent(&self, user: UserId) -> Reply<usize> {
        reply(async move {
            Ok(offline_store::unsent(user).await + legacy_comments::boards(user).len() + local::drafts(user))
        })
    }

    fn forget(&self, user: UserId) -> Reply<()> {
        reply(async move {
            departure::signed_out(user);
            board::forget(user);
            local::clear(user);
            copies::drop_all(user).await;
            offline_store::clear(user).await;
            Ok(())
        })
    }

    fn open(&self, snapshot: Snapshot, me: UserId, sink: Arc<dyn Sink>) -> Box<dyn Live> {
        Box::new(LiveBoard::new(snapshot, me, sink))
    }

    fn submit_behind(&self, me: UserId, project: ProjectId, op: &Op) -> bool {
        board::submit_behind(me, project, op)
    }

    fn listen(&self, me: UserId, sink: Arc<dyn BellSink>) -> Box<dyn LiveBell> {
        Box::new(BellHandle::new(me, sink))
    }

    fn alerts(&self) -> Alerts {
        alerts::state()
    }

    fn set_alerts(&self, on: bool) -> Reply<Alerts> {
        reply(async move { Ok(alerts::set(on).await) })
    }
}

async fn get<T: DeserializeOwned>(path: String) -> Result<T, ApiError> {
    http::send(&Request::new(Method::Get, path), None).await
}

/// `None` where the version `known` is still so.
async fn get_newer<T: DeserializeOwned>(path: String, known: Option<String>) -> Result<Option<T>, ApiError> {
    http::send_unless_same(&Request::new(Method::Get, path), known.as_deref()).await
}

/// The pages' futures may move between threads, which the server's do. The browser has one.
fn reply<T: 'static>(answer: impl Future<Output = Result<T, ApiError>> + 'static) -> Reply<T> {
    Box::pin(SendWrapper::new(answer))
}
