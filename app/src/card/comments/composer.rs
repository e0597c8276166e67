//! The field for a comment: Markdown that grows, a preview, and a picker for mentions.

use engine::{Member, Method, ProjectId, Request, UserId, limit};
use leptos::prelude::*;
use serde_json::{Value, json};
use web_sys::KeyboardEvent;

use super::{
    picker::{Picker, picker},
    writing::Writing,
};
use crate::ui::{
    field::{Drafts, StoredDraft, WriteArea, sends},
    form::{FormError, Submission},
    hydrated::Hydrated,
};

/// The field, its preview and its buttons.
#[component]
pub(super) fn Composer(
    /// Distinguishes this composer from others on the page, in ids.
    #[prop(into)]
    id: String,
    /// The author.
    me: UserId,
    /// The name of its drafts, and what they belong to.
    drafts: (&'static str, String),
    /// The Markdown that the field starts with.
    #[prop(optional)]
    initial: String,
    /// The field's label.
    label: &'static str,
    /// The button's label.
    action: &'static str,
    /// The project.
    project: ProjectId,
    /// The members who can be mentioned.
    members: Signal<Vec<Member>>,
    /// Receives the text as Markdown.
    on_send: Callback<String>,
    /// Cancels. Without it there is no button for that.
    #[prop(optional)]
    on_cancel: Option<Callback<()>>,
) -> impl IntoView {
    let ready: Hydrated = expect_context();
    let (name, of) = drafts;
    let drafts = Drafts::new(me, name, &of);
    drafts.adopt(format!("draft:{me}:{of}"));
    let writing = Writing::new(&initial, drafts);
    on_cleanup(move || drafts.release());
    let resume = Callback::new(move |draft: StoredDraft| {
        writing.show(&draft.text);
        if let Some(field) = writing.node.get_untracked() {
            let _ = field.focus();
        }
    });
    // A composer that can be cancelled was opened by its user, who expects the focus in it.
    Effect::new(move |_| {
        if let Some(field) = writing.node.get().filter(|_| on_cancel.is_some()) {
            // Fails only for an element that cannot be focused.
            let _ = field.focus();
        }
    });
    let previewing = RwSignal::new(false);
    let choice = Picker::new(id.clone(), me, members, writing);
    let length = move || writing.text.with(|text| text.trim().chars().count());
    let too_long = move || length() > limit::COMMENT;
    let send = move || {
        if length() > 0 && !too_long() {
            // First queued, then removed from the drafts.
            let body = untrack(|| writing.body()).trim().to_owned();
            on_send.run(body.clone());
            writing.clear();
            drafts.saved(&body);
            previewing.set(false);
        }
    };
    let cancel = move || {
        writing.clear();
        if let Some(on_cancel) = on_cancel {
            on_cancel.run(());
        }
    };
    let pressed = move |event: KeyboardEvent| {
        if choice.pressed(&event) {
            event.prevent_default();
            event.stop_propagation();
        } else if sends(&event) {
            event.prevent_default();
            send();
        } else if event.key() == "Escape" && on_cancel.is_some() {
            event.prevent_default();
            cancel();
        }
    };
    let field_id = format!("{id}-field");
    let panel_id = format!("{id}-preview");
    let hint_id = format!("{id}-hint");
    let hint = hint_id.clone();
    let controls = panel_id.clone();
    view! {
        {drafts.offer(Signal::derive(move || writing.body()), resume)}
        <div class="composer-box" data-testid="comment-composer">
            <div class="composer-tabs">
                <button
                    class="composer-tab"
                    type="button"
                    aria-pressed=move || (!previewing.get()).to_string()
                    on:click=move |_| previewing.set(false)
                >
                    "Write"
                </button>
                <button
                    class="composer-tab"
                    type="button"
                    aria-pressed=move || previewing.get().to_string()
                    aria-controls=controls
                    disabled=move || length() == 0
                    on:click=move |_| previewing.set(true)
                >
                    "Preview"
                </button>
            </div>
            <div class="composer-write" hidden=move || previewing.get()>
                <WriteArea
                    class="composer-text"
                    id=field_id
                    rows="2"
                    label=label
                    placeholder=format!("{label}… @ to mention")
                    described_by=hint
                    value=writing.text.into()
                    invalid=Signal::derive(too_long)
                    locked=Signal::derive(move || !ready.get())
                    node=writing.node
                    list=(Signal::derive(move || choice.list_id()), Signal::derive(move || choice.active_id()))
                    on_input=Callback::new(move |text| {
                        writing.write(text);
                        choice.update();
                    })
                    on_click=Callback::new(move |()| choice.update())
                    on_blur=Callback::new(move |()| choice.close())
                    on_key=Callback::new(pressed)
                />
                {picker(choice)}
            </div>
            <div id=panel_id hidden=move || !previewing.get()>
                {move || previewing.get().then(|| view! { <PreviewOf project text=untrack(|| writing.body()) /> })}
            </div>
            <div class="composer-foot">
                <p class="hint" class:field-error=too_long id=hint_id>
                    {move || {
                        if too_long() {
                            crate::ui::field::too_long(length(), limit::COMMENT)
                        } else {
                            "Ctrl+Enter sends".to_owned()
                        }
                    }}
                </p>
                {on_cancel
                    .map(|_| {
                        view! {
                            <button class="button small" type="button" on:click=move |_| cancel()>"Cancel"</button>
                        }
                            .into_any()
                    })}
                <button
                    class="button small primary"
                    type="button"
                    disabled=move || !ready.get() || length() == 0 || too_long()
                    on:click=move |_| send()
                >
                    {action}
                </button>
            </div>
        </div>
    }
    .into_any()
}

/// The preview of a text, rendered by the server.
#[component]
fn PreviewOf(project: ProjectId, text: String) -> impl IntoView {
    let html = RwSignal::new(None::<String>);
    let submission = Submission::idle();
    let done = Callback::new(move |answer: Value| {
        html.set(Some(answer["html"].as_str().unwrap_or_default().to_owned()));
    });
    let request = Request::new(Method::Post, format!("/api/projects/{project}/preview")).json(json!({ "body": text }));
    submission.send(request, done);
    view! {
        <FormError submission />
        {move || match html.get() {
            // The server has sanitised it.
            Some(html) => view! { <div class="prose composer-preview" dir="auto" inner_html=html></div> }.into_any(),
            None => {
                view! { <span class="skeleton composer-skeleton" hidden=move || !submission.busy()></span> }.into_any()
            }
        }}
    }
    .into_any()
}
