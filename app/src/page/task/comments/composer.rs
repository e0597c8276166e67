//! Where a comment is written: Markdown that grows, a preview, and a picker for whom it mentions.

use engine::{Member, Method, ProjectId, Request, UserId, limit};
use leptos::{html, prelude::*};
use serde_json::{Value, json};
use web_sys::{HtmlTextAreaElement, KeyboardEvent};

use super::{
    draft::{keep, stored},
    mention::{Begun, still_there},
    picker::{Picker, picker},
};
use crate::{
    app::Hydrated,
    field::{WriteArea, sends},
    form::{FormError, Submission},
};

/// What the composer gives away: the text, and whom it mentions.
pub(super) type Written = (String, Vec<UserId>);

/// A text that is being written.
#[derive(Clone, Copy)]
pub(super) struct Writing {
    pub(super) text: RwSignal<String>,
    pub(super) node: NodeRef<html::Textarea>,
    chosen: StoredValue<Vec<Member>>,
    key: StoredValue<String>,
}

impl Writing {
    pub(super) fn write(self, text: String) {
        keep(&self.key.get_value(), Some(&text));
        self.text.set(text);
    }

    /// Writes a member's name in the place of what was typed of it.
    pub(super) fn mention(self, begun: &Begun, member: Member) {
        let Some(field) = self.node.get_untracked() else { return };
        let (text, caret) = begun.complete(&field.value(), caret(&field), &member.name);
        self.chosen.update_value(|chosen| chosen.push(member));
        field.set_value(&text);
        self.write(text);
        let caret = u32::try_from(caret).unwrap_or(u32::MAX);
        let _ = field.set_selection_range(caret, caret);
        let _ = field.focus();
    }

    fn take(self) -> Written {
        let text = self.text.get_untracked().trim().to_owned();
        let chosen = self.chosen.try_update_value(std::mem::take).unwrap_or_default();
        let mentions = still_there(&text, &chosen);
        (text, mentions)
    }

    /// Forgets the text.
    fn clear(self) {
        self.write(String::new());
    }
}

/// Where the caret is, in UTF-16 units.
pub(super) fn caret(field: &HtmlTextAreaElement) -> usize {
    field.selection_start().ok().flatten().unwrap_or_default() as usize
}

/// The field, its preview and its buttons.
#[component]
pub(super) fn Composer(
    /// Tells this one from the others on the page, in ids.
    #[prop(into)]
    id: String,
    /// Under which key the unfinished text is stored.
    key: String,
    /// What stands there where nothing is stored.
    #[prop(optional)]
    initial: String,
    /// What it is called.
    label: &'static str,
    /// The word on the button.
    action: &'static str,
    /// In which project.
    project: ProjectId,
    /// Who can be mentioned.
    members: Signal<Vec<Member>>,
    /// Takes what was written.
    on_send: Callback<Written>,
    /// Gives it up; there is a button for that where there is something to go back to.
    #[prop(optional)]
    on_cancel: Option<Callback<()>>,
) -> impl IntoView {
    let ready: Hydrated = expect_context();
    let writing = Writing {
        text: RwSignal::new(initial),
        node: NodeRef::new(),
        chosen: StoredValue::new(Vec::new()),
        key: StoredValue::new(key),
    };
    // Effects run in the browser only, where the stored text is.
    Effect::new(move |_| {
        if let Some(text) = stored(&writing.key.get_value()) {
            writing.text.set(text);
        }
    });
    // Where there is something to go back to, somebody has just asked for this field.
    Effect::new(move |_| {
        if let Some(field) = writing.node.get().filter(|_| on_cancel.is_some()) {
            // Fails only for an element that cannot have the focus.
            let _ = field.focus();
        }
    });
    let previewing = RwSignal::new(false);
    let choice = Picker::new(id.clone(), members, writing);
    let length = move || writing.text.with(|text| text.trim().chars().count());
    let too_long = move || length() > limit::COMMENT;
    let send = move || {
        if length() > 0 && !too_long() {
            // In the queue first, and then no longer a draft.
            on_send.run(writing.take());
            writing.clear();
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
                    placeholder=format!("{label}. Markdown, and @ for people")
                    described_by=hint
                    value=writing.text.into()
                    invalid=Signal::derive(too_long)
                    locked=Signal::derive(move || !ready.get())
                    node=writing.node
                    list=(Signal::derive(move || choice.list_id()), Signal::derive(move || choice.active_id()))
                    on_input=Callback::new(move |text| {
                        writing.write(text);
                        choice.look();
                    })
                    on_click=Callback::new(move |()| choice.look())
                    on_blur=Callback::new(move |()| choice.close())
                    on_key=Callback::new(pressed)
                />
                {picker(choice)}
            </div>
            <div id=panel_id hidden=move || !previewing.get()>
                {move || previewing.get().then(|| view! { <PreviewOf project text=writing.text.get_untracked() /> })}
            </div>
            <div class="composer-foot">
                <p class="hint" class:field-error=too_long id=hint_id>
                    {move || {
                        if too_long() {
                            format!("{} characters; a comment has at most {}", length(), limit::COMMENT)
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

/// What a text looks like, as the server renders it.
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
