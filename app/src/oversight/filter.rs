//! The query of an oversight page, kept in the address.
//!
//! It can be shared, and Back returns to it.

use engine::{Day, ProjectId, request::escape};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate, use_query_map},
    params::ParamsMap,
};

/// A view of oversight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tab {
    /// People × weeks.
    Workload,
    /// The same as colours.
    Heatmap,
    /// The report of a week.
    Report,
    /// Flow metrics.
    Flow,
}

impl Tab {
    pub(super) const ALL: [Self; 4] = [Self::Workload, Self::Heatmap, Self::Report, Self::Flow];

    pub(super) const fn segment(self) -> &'static str {
        match self {
            Self::Workload => "workload",
            Self::Heatmap => "heatmap",
            Self::Report => "report",
            Self::Flow => "flow",
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Workload => "Workload",
            Self::Heatmap => "Heatmap",
            Self::Report => "Weekly report",
            Self::Flow => "Flow",
        }
    }

    pub(super) const fn icon(self) -> &'static str {
        match self {
            Self::Workload => "users",
            Self::Heatmap => "heatmap",
            Self::Report => "report",
            Self::Flow => "flow",
        }
    }
}

/// The query of the address.
#[derive(Clone, Copy)]
pub(super) struct OversightFilter {
    query: Memo<ParamsMap>,
    go: Callback<String>,
    path: Memo<String>,
}

impl OversightFilter {
    /// The query of this page.
    pub(super) fn of_page() -> Self {
        let navigate = use_navigate();
        let go = Callback::new(move |address: String| {
            navigate(&address, NavigateOptions { scroll: false, ..NavigateOptions::default() });
        });
        Self { query: use_query_map(), go, path: use_location().pathname }
    }

    /// Tracks a part of the query.
    pub(super) fn get(self, name: &str) -> Option<String> {
        self.query.with(|query| query.get(name)).filter(|value| !value.is_empty())
    }

    /// Tracks the chosen project; `None` is all of them.
    pub(super) fn project(self) -> Option<ProjectId> {
        self.get("project")?.parse().ok()
    }

    /// Tracks a date of the query.
    pub(super) fn day(self, name: &str) -> Option<Day> {
        self.get(name)?.parse().ok()
    }

    /// Tracks a number of the query. `default` unless it is one of the choices.
    pub(super) fn number(self, name: &str, choices: &[u32], default: u32) -> u32 {
        self.get(name).and_then(|text| text.parse().ok()).filter(|number| choices.contains(number)).unwrap_or(default)
    }

    /// Tracks the address with some parts of the query changed; `None` removes a part.
    pub(super) fn with(self, changes: &[(&'static str, Option<String>)]) -> String {
        let mut query = self.query.get();
        for (name, value) in changes {
            query.remove(name);
            if let Some(value) = value {
                query.insert(*name, value.clone());
            }
        }
        // The router's own encoding would escape the hyphens of a date.
        let pairs = query.into_iter().map(|(name, value)| format!("{name}={}", escape(&value)));
        let pairs = pairs.collect::<Vec<_>>().join("&");
        if pairs.is_empty() { self.path.get() } else { format!("{}?{pairs}", self.path.get()) }
    }

    /// Navigates to the address with a part of the query changed.
    pub(super) fn set(self, changes: &[(&'static str, Option<String>)]) {
        self.go.run(untrack(|| self.with(changes)));
    }
}
