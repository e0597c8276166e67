//! Keeps the filter in the address, and searches descriptions for its text on the server.

use std::{sync::Arc, time::Duration};

use engine::session::Link;
use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local};
use leptos_router::hooks::use_query_map;

use crate::{
    backend::Backend,
    board::{
        BoardAddress, BoardStore,
        filter::{BoardFilter, FilterQuery},
    },
    session::backend,
};

/// How long after the last key press the address is updated and the server asked.
const TYPED: Duration = Duration::from_millis(250);
/// How long after a change of the board the server is asked again: a description may have changed.
const CHANGED: Duration = Duration::from_secs(2);

/// Writes the filter into the address, and reads it from there when the address changes otherwise.
pub(super) fn follow_address(filter: BoardFilter, address: BoardAddress) {
    let query = use_query_map();
    let in_address = Memo::new(move |_| query.with(FilterQuery::parse));
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let write = move || {
        let filter_query = untrack(|| filter.query());
        if in_address.try_get_untracked().is_some_and(|known| known.to_query() != filter_query.to_query()) {
            address.set_filter(&filter_query);
        }
    };
    Effect::new(move |before: Option<FilterQuery>| {
        let filter_query = filter.query();
        if before.is_some_and(|before| before != filter_query) {
            restart(timer, TYPED, write);
        }
        filter_query
    });
    // Back or a link was used. What is being typed is not overwritten with what was typed before.
    Effect::new(move |before: Option<FilterQuery>| {
        let there = in_address.get();
        let typing = timer.with_value(Option::is_some);
        if before.is_some_and(|before| before != there)
            && !typing
            && untrack(|| filter.query()).to_query() != there.to_query()
        {
            filter.set(there.clone());
        }
        there
    });
    on_cleanup(move || stop(timer));
}

/// Searches descriptions for the filter's text on the server: the board itself holds none. Returns why descriptions are
/// not searched, if they cannot be.
pub(super) fn find_descriptions(store: BoardStore, filter: BoardFilter) -> Signal<Option<&'static str>> {
    let reachable = Memo::new(move |_| matches!(store.link().get(), Link::Live | Link::Polling | Link::Connecting));
    let failed = RwSignal::new(false);
    let backend = StoredValue::new(backend());
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let ask = move || {
        let Some(text) = filter.text.try_get_untracked() else { return };
        let Some(reply) =
            backend.try_with_value(|backend: &Arc<dyn Backend>| backend.search(store.project_id(), text.clone()))
        else {
            return;
        };
        spawn_local(async move {
            // If the search fails, only titles are filtered.
            let answer = reply.await;
            failed.try_set(answer.is_err());
            if let Ok(ids) = answer {
                filter.take_described(&text, ids);
            }
        });
    };
    Effect::new(move |before: Option<String>| {
        let needle = filter.needle().get();
        if needle.is_empty() {
            stop(timer);
            return needle;
        }
        store.revisions().track();
        // A failed search is repeated once there is a connection.
        let unknown = reachable.get() && !untrack(|| filter.knows_descriptions());
        match before {
            // The page brought the first response, unless that failed.
            None if !unknown => {}
            Some(before) if before == needle && !unknown => restart(timer, CHANGED, ask),
            _ => restart(timer, TYPED, ask),
        }
        needle
    });
    on_cleanup(move || stop(timer));
    Signal::derive(move || match (filter.knows_descriptions(), reachable.get()) {
        (true, _) => None,
        (false, false) => Some("You're offline: the filter searches titles and people, not descriptions."),
        (false, true) => {
            failed.get().then_some("Descriptions couldn't be searched. The filter shows titles and people.")
        }
    })
}

fn restart(timer: StoredValue<Option<TimeoutHandle>>, after: Duration, then: impl FnOnce() + 'static) {
    stop(timer);
    let run = move || {
        timer.try_set_value(None);
        then();
    };
    timer.try_set_value(set_timeout_with_handle(run, after).ok());
}

fn stop(timer: StoredValue<Option<TimeoutHandle>>) {
    if let Some(handle) = timer.try_update_value(Option::take).flatten() {
        handle.clear();
    }
}
