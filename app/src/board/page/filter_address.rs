//! Keeps the filter in the address, and asks the server which descriptions have its text.

use std::{sync::Arc, time::Duration};

use engine::session::Link;
use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local};
use leptos_router::hooks::use_query_map;

use crate::{
    backend::Backend,
    board::{
        BoardAddress, BoardStore,
        filter::{BoardFilter, Wanted},
    },
    session::backend,
};

/// The address follows what is typed after this long, and the server is asked.
const TYPED: Duration = Duration::from_millis(250);
/// The server is asked again this long after the board has changed: a description may have.
const CHANGED: Duration = Duration::from_secs(2);

/// Writes the filter into the address, and takes it from there when the address changes by other means.
pub(super) fn follow_address(filter: BoardFilter, address: BoardAddress) {
    let query = use_query_map();
    let in_address = Memo::new(move |_| query.with(Wanted::parse));
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let write = move || {
        let wanted = untrack(|| filter.wanted());
        if in_address.try_get_untracked().is_some_and(|known| known.to_query() != wanted.to_query()) {
            address.set_filter(&wanted);
        }
    };
    Effect::new(move |before: Option<Wanted>| {
        let wanted = filter.wanted();
        if before.is_some_and(|before| before != wanted) {
            restart(timer, TYPED, write);
        }
        wanted
    });
    // Back, or a link. What is typed just now is not overwritten by what was typed before.
    Effect::new(move |before: Option<Wanted>| {
        let there = in_address.get();
        let typing = timer.with_value(Option::is_some);
        if before.is_some_and(|before| before != there)
            && !typing
            && untrack(|| filter.wanted()).to_query() != there.to_query()
        {
            filter.set(there.clone());
        }
        there
    });
    on_cleanup(move || stop(timer));
}

/// Asks the server which descriptions have the text of the filter: the board itself holds none. Returns why they are not
/// searched, where they cannot be.
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
            // Without an answer the titles are what is searched.
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
        // What could not be asked for is, once there is a connection.
        let unknown = reachable.get() && !untrack(|| filter.knows_descriptions());
        match before {
            // The first answer came with the page, unless there was none.
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
