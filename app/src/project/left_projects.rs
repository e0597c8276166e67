//! Projects that the reader has left on this page. Lists hide them, even before the server has confirmed it.

use engine::ProjectId;
use leptos::prelude::*;

/// A hidden project.
#[derive(Clone, Copy, Debug)]
struct Hidden {
    project: ProjectId,
    /// Whether the server has confirmed it: a list that is fetched from then on needs no filter.
    confirmed: bool,
}

/// The hidden projects. Provided in the context.
#[derive(Clone, Copy)]
pub(crate) struct LeftProjects(RwSignal<Vec<Hidden>>);

impl LeftProjects {
    /// Provides the hidden projects in the context, once, at the root.
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

    /// Hides a project that the reader leaves.
    pub(crate) fn hide(self, project: ProjectId) {
        self.forget(project);
        self.0.update(|all| all.push(Hidden { project, confirmed: false }));
    }

    /// Records that the server has confirmed it.
    pub(crate) fn confirm(self, project: ProjectId) {
        self.0.update(|all| {
            all.iter_mut().filter(|hidden| hidden.project == project).for_each(|hidden| hidden.confirmed = true);
        });
    }

    /// Shows a project again: the reader has come back, or leaving was refused.
    pub(crate) fn forget(self, project: ProjectId) {
        self.0.update(|all| all.retain(|hidden| hidden.project != project));
    }

    /// The confirmed projects, which a list that is fetched now no longer contains. Untracked.
    pub(crate) fn confirmed(self) -> Vec<ProjectId> {
        let confirmed =
            |all: &Vec<Hidden>| all.iter().filter(|hidden| hidden.confirmed).map(|hidden| hidden.project).collect();
        self.0.try_with_untracked(confirmed).unwrap_or_default()
    }
}
