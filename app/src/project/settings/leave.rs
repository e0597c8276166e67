//! Leaving a project: the page navigates away at once, and the project comes back if the server refuses.

use std::sync::{Arc, Mutex};

use engine::{ApiError, Method, OpId, Request};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};

use super::Shared;
use crate::{
    board::last_owner,
    message::{quoted, sentence},
    project::left_projects::LeftProjects,
    session::backend,
    ui::{
        dom::fresh_id,
        toast::{Toast, use_toasts},
        undo::UndoRequest,
    },
};

/// The progress of leaving.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    /// The server has not answered.
    Asked,
    /// The server has not answered, and the reader has undone it.
    Regretted,
    Left,
    Stayed,
}

/// The action of the “Leave” button. Created with the page; it can outlive it.
pub(super) fn leave(shared: Shared) -> impl Fn() + Clone + Send + Sync + 'static {
    let (backend, toasts, navigate, left) = (backend(), use_toasts(), use_navigate(), LeftProjects::expect());
    let (project, me) = (shared.project_id(), shared.store.me());
    let path = shared.path(&format!("/members/{me}"));
    let page = format!("/projects/{project}/settings");
    move || {
        if shared.store.is_last_owner(me) {
            return toasts.show(Toast::problem(sentence(&last_owner())));
        }
        let name = quoted(&untrack(|| shared.store.title(None)).unwrap_or_default());
        let progress = Arc::new(Mutex::new(Progress::Asked));
        let set = {
            let progress = Arc::clone(&progress);
            // The lock is only poisoned when a holder panics, and none can.
            move |to: Progress| progress.lock().map_or(to, |mut progress| std::mem::replace(&mut *progress, to))
        };
        let come_back = {
            let (navigate, page) = (navigate.clone(), page.clone());
            let then = move || {
                left.forget(project);
                navigate(&page, NavigateOptions::default());
            };
            UndoRequest::new(Arc::clone(&backend), toasts, Request::new(Method::Post, format!("{path}/restore")), then)
        };
        let toast = {
            let (set, come_back) = (set.clone(), come_back.clone());
            Toast::done(format!("You left {name}")).undo(move || match set(Progress::Regretted) {
                Progress::Left => come_back.clone().run(),
                before @ Progress::Stayed => {
                    set(before);
                }
                Progress::Asked | Progress::Regretted => {}
            })
        };
        let offered = toast.id();
        let request = Request::new(Method::Delete, path.clone());
        let reply = match fresh_id().map(OpId::new) {
            Some(op) => backend.send_as(op, request),
            None => backend.send(request),
        };
        let (navigate_back, page) = (navigate.clone(), page.clone());
        let (name, set) = (name.clone(), set.clone());
        spawn_local(async move {
            match reply.await {
                Ok(_) => {
                    left.confirm(project);
                    if set(Progress::Left) == Progress::Regretted {
                        come_back.run();
                    }
                }
                Err(error) => {
                    left.forget(project);
                    toasts.close(offered);
                    if set(Progress::Stayed) == Progress::Regretted {
                        return navigate_back(&page, NavigateOptions::default());
                    }
                    toasts.show(refusal(&name, &error).with("Open project", move || {
                        navigate_back(&page, NavigateOptions::default());
                    }));
                }
            }
        });
        left.hide(project);
        toasts.show(toast);
        navigate("/", NavigateOptions::default());
    }
}

fn refusal(project: &str, error: &ApiError) -> Toast {
    Toast::problem(format!("You didn't leave {project}. {}", sentence(error)))
}
