//! A live query: fetched during SSR, refetched when its parameters or data change.
//!
//! The last answer stays on the page until the next one arrives.

use std::{sync::Arc, time::Duration};

use engine::{
    ApiError, Project,
    oversight::{
        Flow, Report, Workload,
        query::{FlowQuery, ReportQuery, WorkloadQuery},
    },
};
use futures_util::future::try_join;
use leptos::{prelude::*, task::spawn_local};
use leptos_router::components::A;
use serde::{Serialize, de::DeserializeOwned};

use super::toolbar;
use crate::{
    backend::{Backend, Reply},
    bell::BellState,
    message::sentence,
    page::problem,
    session::backend,
    ui::icon::Icon,
};

/// Refetched at least this often: answers change with the clock, too. A day ends, a task becomes overdue, work ages.
const CLOCK: Duration = Duration::from_secs(300);

/// The projects to choose from.
pub(super) type Projects = StoredValue<Vec<Project>>;

/// The answer of a live query.
pub(super) trait QueryAnswer: Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The parameters of the query.
    type Query: Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static;

    /// Fetches an answer. `None`: the version `known` is current.
    fn fetch(backend: &dyn Backend, query: Self::Query, known: Option<String>) -> Reply<Option<Self>>;

    /// The version of the answer.
    fn version(&self) -> &str;
}

impl QueryAnswer for Workload {
    type Query = WorkloadQuery;

    fn fetch(backend: &dyn Backend, query: WorkloadQuery, known: Option<String>) -> Reply<Option<Self>> {
        backend.workload(query, known)
    }

    fn version(&self) -> &str {
        &self.version
    }
}

impl QueryAnswer for Report {
    type Query = ReportQuery;

    fn fetch(backend: &dyn Backend, query: ReportQuery, known: Option<String>) -> Reply<Option<Self>> {
        backend.report(query, known)
    }

    fn version(&self) -> &str {
        &self.version
    }
}

impl QueryAnswer for Flow {
    type Query = FlowQuery;

    fn fetch(backend: &dyn Backend, query: FlowQuery, known: Option<String>) -> Reply<Option<Self>> {
        backend.flow(query, known)
    }

    fn version(&self) -> &str {
        &self.version
    }
}

/// A query on a page, with its newest answer.
pub(super) struct LiveQuery<T: QueryAnswer> {
    /// The newest answer.
    pub(super) shown: RwSignal<Arc<T>>,
    /// The number of responses so far.
    pub(super) answered: RwSignal<u64>,
    query: Memo<T::Query>,
    /// The query that `shown` answers.
    answered_query: StoredValue<T::Query>,
    /// Whether `shown` answers another query than the current one.
    stale: RwSignal<bool>,
    failed: RwSignal<Option<ApiError>>,
    running: StoredValue<bool>,
    refetch_queued: StoredValue<bool>,
    backend: StoredValue<Arc<dyn Backend>>,
}

impl<T: QueryAnswer> Copy for LiveQuery<T> {}

impl<T: QueryAnswer> Clone for LiveQuery<T> {
    fn clone(&self) -> Self {
        *self
    }
}

/// Renders `view` with the answer to `query`, from the first paint on. Readers without a project see a hint instead.
///
/// The projects are fetched in the same resource: one that is created inside another's `Suspend` would be fetched twice
/// during SSR, and the browser would not find its value.
pub(super) fn live_query<T: QueryAnswer>(
    query: Memo<T::Query>,
    view: impl Fn(LiveQuery<T>, Projects) -> AnyView + Clone + Send + Sync + 'static,
) -> AnyView {
    let api = backend();
    let first = Resource::new(
        || (),
        move |()| {
            let (reply, answered_query) = (T::fetch(&*api, query.get_untracked(), None), query.get_untracked());
            let projects = api.projects();
            async move {
                let (projects, answer) = try_join(projects, reply).await?;
                let answer = answer.ok_or_else(|| ApiError::new(502, "bad_answer", "The server sent no data."))?;
                Ok::<_, ApiError>((projects, answer, answered_query))
            }
        },
    );
    view! {
        <Suspense fallback=toolbar::skeleton>
            {move || {
                let view = view.clone();
                Suspend::new(async move {
                    match first.await {
                        Ok((projects, ..)) if projects.is_empty() => nothing(),
                        Ok((projects, answer, answered_query)) => {
                            let live_query = LiveQuery::new(answer, answered_query, query);
                            live_query.with_problem(view(live_query, StoredValue::new(projects)))
                        }
                        Err(error) => problem::notice(&error),
                    }
                })
            }}
        </Suspense>
    }
    .into_any()
}

/// The hint for readers without a project.
fn nothing() -> AnyView {
    view! {
        <section class="panel empty">
            <Icon name="board" />
            <p>"You're not on any board yet."</p>
            <A href="/" attr:class="button primary">"Create your first project"</A>
        </section>
    }
    .into_any()
}

impl<T: QueryAnswer> LiveQuery<T> {
    fn new(first: T, answered_query: T::Query, query: Memo<T::Query>) -> Self {
        let this = Self {
            shown: RwSignal::new(Arc::new(first)),
            answered: RwSignal::new(0),
            query,
            answered_query: StoredValue::new(answered_query),
            stale: RwSignal::new(false),
            failed: RwSignal::new(None),
            running: StoredValue::new(false),
            refetch_queued: StoredValue::new(false),
            backend: StoredValue::new(backend()),
        };
        let bell: BellState = expect_context();
        Effect::new(move |before: Option<()>| {
            query.track();
            bell.oversight_revision();
            if before.is_some() {
                this.refetch();
            }
        });
        // Effects run in the browser only.
        Effect::new(move || {
            let refetch = move || {
                this.refetch();
            };
            if let Ok(timer) = set_interval_with_handle(refetch, CLOCK) {
                on_cleanup(move || timer.clear());
            }
        });
        this
    }

    /// Refetches. Returns the value that [`LiveQuery::answered`] reaches with an answer that was requested from now on.
    pub(super) fn refetch(self) -> u64 {
        let answered = self.answered.get_untracked();
        if self.running.get_value() {
            self.refetch_queued.set_value(true);
            return answered + 2;
        }
        self.running.set_value(true);
        let query = self.query.get_untracked();
        let same = self.answered_query.with_value(|answered_query| *answered_query == query);
        self.stale.set(!same);
        let known = same.then(|| self.shown.with_untracked(|shown| shown.version().to_owned()));
        let reply = self.backend.with_value(|backend| T::fetch(&**backend, query.clone(), known));
        spawn_local(async move {
            let answer = reply.await;
            // The page may be gone by now.
            if self.running.try_set_value(false).is_some() {
                return;
            }
            self.accept(query, answer);
            if self.refetch_queued.get_value() {
                self.refetch_queued.set_value(false);
                self.refetch();
            }
        });
        answered + 1
    }

    fn accept(self, query: T::Query, answer: Result<Option<T>, ApiError>) {
        self.answered.update(|answered| *answered += 1);
        match answer {
            Ok(answer) => {
                self.answered_query.set_value(query);
                self.stale.set(false);
                self.failed.set(None);
                if let Some(answer) = answer {
                    self.shown.set(Arc::new(answer));
                }
            }
            Err(error) => self.failed.set(Some(error)),
        }
    }

    /// The content, below a notice if the last fetch failed.
    fn with_problem(self, content: AnyView) -> AnyView {
        let retry = move |_| {
            self.refetch();
        };
        let problem = move || {
            self.failed.with(|error| {
                let text = error.as_ref().map(sentence)?;
                let view = view! {
                    <div class="notice danger oversight-problem" role="alert">
                        <Icon name="alert" />
                        <p>{text} " What is shown may be out of date."</p>
                        <button class="button small" type="button" on:click=retry>"Retry"</button>
                    </div>
                };
                Some(view.into_any())
            })
        };
        view! {
            {problem}
            <div class="oversight-body" class:oversight-away=move || self.stale.get() aria-busy=move || self.stale.get().to_string()>
                {content}
            </div>
        }
        .into_any()
    }
}

/// Reading parts of the answer.
impl<T: QueryAnswer> LiveQuery<T> {
    pub(super) fn read<P: PartialEq + Send + Sync + 'static>(
        self,
        part: impl Fn(&T) -> P + Send + Sync + 'static,
    ) -> Memo<P> {
        Memo::new(move |_| self.shown.with(|shown| part(shown)))
    }
}
