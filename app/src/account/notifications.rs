//! The notification preferences: what, where and when. Each change is saved at once.

mod hours;
mod kinds;
mod place;

use std::sync::Arc;

use engine::{ApiError, Method, Project, Request, notification::Preferences};
use leptos::{prelude::*, task::spawn_local};
use send_wrapper::SendWrapper;
use serde_json::json;
use web_sys::Event;

use crate::{
    backend::{Alerts, Backend},
    bell::BellState,
    message::sentence,
    session::backend,
    ui::{
        dom_listener::{DomListener, Phase},
        field::switch,
        hydrated::Hydrated,
        toast::{Toast, Toasts, use_toasts},
    },
};
use hours::Hours;
use kinds::Kinds;
use place::Place;

/// The preferences as shown, and as saved.
#[derive(Clone, Copy)]
struct ShownPreferences {
    shown: RwSignal<Preferences>,
    /// As the server has them.
    saved: StoredValue<Preferences>,
    /// Whether they are being sent.
    busy: RwSignal<bool>,
    /// Whether anything was saved since the page was opened.
    done: RwSignal<bool>,
    ready: Hydrated,
    backend: StoredValue<Arc<dyn Backend>>,
    toasts: Toasts,
}

impl ShownPreferences {
    fn new(preferences: Preferences) -> Self {
        Self {
            shown: RwSignal::new(preferences.clone()),
            saved: StoredValue::new(preferences),
            busy: RwSignal::new(false),
            done: RwSignal::new(false),
            ready: expect_context(),
            backend: StoredValue::new(backend()),
            toasts: use_toasts(),
        }
    }

    /// Tracks a part of the preferences.
    fn read<T: PartialEq + Send + Sync + 'static>(
        self,
        part: impl Fn(&Preferences) -> T + Send + Sync + 'static,
    ) -> Memo<T> {
        Memo::new(move |_| self.shown.with(&part))
    }

    /// Tracks whether events are not handled yet.
    fn locked(self) -> bool {
        !self.ready.get()
    }

    /// Shows a change at once and saves it. If the server refuses it, it is reverted.
    fn change(self, change: impl FnOnce(&mut Preferences)) {
        self.shown.update(change);
        self.save();
    }

    fn save(self) {
        let preferences = self.shown.get_untracked();
        // Changes during a request are sent after it.
        if self.busy.get_untracked() || self.saved.with_value(|saved| *saved == preferences) {
            return;
        }
        self.busy.set(true);
        let request = Request::new(Method::Put, "/api/notifications/preferences").json(json!(preferences));
        let reply = self.backend.with_value(|backend| backend.send(request));
        spawn_local(async move {
            let answer = reply.await;
            if self.busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(_) => {
                    self.saved.set_value(preferences);
                    self.done.set(true);
                    self.save();
                }
                Err(error) => {
                    self.shown.set(self.saved.get_value());
                    self.toasts.show(Toast::problem(format!("Your change wasn't saved. {}", sentence(&error))));
                }
            }
        });
    }
}

/// The section of the account page.
#[component]
pub(super) fn Notifications() -> impl IntoView {
    let api = backend();
    let all = Resource::new(
        || (),
        move |()| {
            let backend = api.clone();
            async move { Ok::<_, ApiError>((backend.preferences().await?, backend.projects().await?)) }
        },
    );
    view! {
        <section class="panel preferences" aria-labelledby="notifications-title">
            <Suspense fallback=|| view! { <span class="skeleton preferences-skeleton"></span> }>
                {move || Suspend::new(async move {
                    match all.await {
                        Ok((preferences, projects)) => view! { <Shown preferences projects /> }.into_any(),
                        Err(error) => {
                            view! {
                                <h2 id="notifications-title">"Notifications"</h2>
                                <p class="field-error" role="alert">{sentence(&error)}</p>
                                <button class="button small" type="button" on:click=move |_| all.refetch()>"Retry"</button>
                            }
                                .into_any()
                        }
                    }
                })}
            </Suspense>
        </section>
    }
    .into_any()
}

#[component]
fn Shown(preferences: Preferences, projects: Vec<Project>) -> impl IntoView {
    let preferences = ShownPreferences::new(preferences);
    let state = move || {
        if preferences.busy.get() {
            "Saving…"
        } else if preferences.done.get() {
            "Saved"
        } else {
            ""
        }
    };
    view! {
        <div class="preferences-head">
            <h2 id="notifications-title">"Notifications"</h2>
            <p class="hint" role="status">{state}</p>
        </div>
        <ThisBrowser preferences />
        <Kinds preferences />
        <Hours preferences />
        <Place preferences />
        <Muted preferences projects />
    }
    .into_any()
}

/// The switch for desktop notifications, or the reason why they are unavailable.
#[component]
fn ThisBrowser(preferences: ShownPreferences) -> impl IntoView {
    let bell: BellState = expect_context();
    // The browser's settings or another tab may have changed it meanwhile.
    Effect::new(move || {
        let listener =
            SendWrapper::new(DomListener::on(&window(), "focus", Phase::Bubble, move |_: &Event| bell.tick()));
        on_cleanup(move || drop(listener));
    });
    let on = Memo::new(move |_| bell.alerts() == Alerts::On);
    let fixed = Signal::derive(move || preferences.locked() || !matches!(bell.alerts(), Alerts::On | Alerts::Off));
    let toggle = Callback::new(move |()| bell.set_alerts(!on.get_untracked()));
    let text = move || match bell.alerts() {
        Alerts::Unknown => "",
        Alerts::Unavailable => "This browser doesn't support desktop notifications.",
        Alerts::Off => "Desktop notifications are off.",
        Alerts::On => "Desktop notifications are on.",
        Alerts::Blocked => "Blocked in this browser's settings for this site.",
    };
    view! {
        <label class="preferences-line">
            <span>
                <span class="kind-name">"Desktop notifications in this browser"</span>
                <span class="kind-when" data-testid="alerts-state">{text}</span>
            </span>
            {switch(on.into(), fixed, toggle)}
        </label>
    }
    .into_any()
}

/// The muted projects.
#[component]
fn Muted(preferences: ShownPreferences, projects: Vec<Project>) -> impl IntoView {
    if projects.is_empty() {
        return ().into_any();
    }
    let rows = projects.into_iter().map(|project| {
        let id = project.id;
        let muted = preferences.read(move |all| all.muted.contains(&id));
        let toggle = Callback::new(move |()| {
            let mute = !muted.get_untracked();
            preferences.change(|all| {
                all.muted.retain(|other| *other != id);
                if mute {
                    all.muted.push(id);
                }
            });
        });
        view! {
            <li>
                <label class="preferences-line">
                    <span>{project.name}</span>
                    {preference_switch(preferences, muted, Signal::stored(true), toggle)}
                </label>
            </li>
        }
    });
    view! {
        <div class="preferences-part">
            <h3 id="muted-title">"Muted projects"</h3>
            <p class="kind-when">"Muted projects notify you only of mentions and assignments."</p>
            <ul aria-labelledby="muted-title">{rows.collect_view()}</ul>
        </div>
    }
    .into_any()
}

/// The switch of a preference. `there` tells whether it can be changed.
fn preference_switch(
    preferences: ShownPreferences,
    on: Memo<bool>,
    there: Signal<bool>,
    toggle: Callback<()>,
) -> AnyView {
    switch(on.into(), Signal::derive(move || !there.get() || preferences.locked()), toggle)
}
