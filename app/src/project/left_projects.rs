//! Projects that the reader has left on this page: no list shows them, although the server may not have answered yet.

use engine::ProjectId;
use leptos::prelude::*;

/// A project that is hidden.
#[derive(Clone, Copy, Debug)]
struct Hidden {
    project: ProjectId,
    /// Whether the server has done it: a list that is asked for from then on need not hide it.
    confirmed: bool,
}

/// The projects that are hidden. Lives in the context.
#[derive(Clone, Copy)]
pub(crate) struct LeftProjects(RwSignal<Vec<Hidden>>);

impl LeftProjects {
    /// Puts them into the context, once, at the root.
    pub(crate) fn provide() {
        provide_context(Self(RwSignal::new(Vec::new())));
    }

    pub(crate) fn expect() -> Self {
        expect_context()
    }

    /// Tracks whether a project is hidden.
    pub(crate) fn hides(self, project: ProjectId) -> bool {
        self.0.with(|all| all.iter().any(|hidden| hidden.project == project))
    }

    /// The reader leaves a project.
    pub(crate) fn hide(self, project: ProjectId) {
        self.forget(project);
        self.0.update(|all| all.push(Hidden { project, confirmed: false }));
    }

    /// The server has done it.
    pub(crate) fn confirm(self, project: ProjectId) {
        self.0.update(|all| {
            all.iter_mut().filter(|hidden| hidden.project == project).for_each(|hidden| hidden.confirmed = true);
        });
    }

    /// The reader is in it again, or still.
    pub(crate) fn forget(self, project: ProjectId) {
        self.0.update(|all| all.retain(|hidden| hidden.project != project));
    }

    /// Those of which a list that is asked for now knows better. Untracked.
    pub(crate) fn confirmed(self) -> Vec<ProjectId> {
        let confirmed =
            |all: &Vec<Hidden>| all.iter().filter(|hidden| hidden.confirmed).map(|hidden| hidden.project).collect();
        self.0.try_with_untracked(confirmed).unwrap_or_default()
    }
}
