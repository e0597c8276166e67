//! The description: saved when it is left, over the text that was read; where somebody else was
//! faster, both texts are shown.

use std::sync::Arc;

use engine::{Task, limit, wire::PresenceMode};
use leptos::{prelude::*, task::spawn_local};

use super::{
    Open,
    drafts::DESCRIPTION,
    unsaved::{Refused, Unsaved},
};
use crate::{
    app::Hydrated,
    backend::Backend,
    field::{Drafts, Rule, Save, SavedField, StoredDraft, Takes, TextArea},
    icon::Icon,
    session::backend,
};

/// A text, and the task's version in which it was read.
#[derive(Clone, Debug, PartialEq)]
struct Read {
    text: String,
    version: i64,
}

/// What an editing began with. Of one that goes on with a draft the text is not known any more.
#[derive(Clone, Debug, PartialEq)]
struct Began {
    text: Option<String>,
    version: i64,
}

#[derive(Clone, Copy)]
struct Editor {
    open: Open,
    unsaved: Unsaved,
    /// What stands on the server, as far as is known.
    read: RwSignal<Read>,
    began: StoredValue<Option<Began>>,
}

impl Editor {
    /// Takes note of what the editing begins with: what is saved names that version, even if others save meanwhile.
    fn begin(self, draft: Option<StoredDraft>) {
        let Read { text, version } = self.read.get_untracked();
        let drafted = draft.and_then(|draft| draft.note?.parse::<i64>().ok()).filter(|own| *own != version);
        self.began.set_value(Some(match drafted {
            Some(version) => Began { text: None, version },
            None => Began { text: Some(text), version },
        }));
    }

    fn version(self) -> i64 {
        self.began.get_value().map_or_else(|| self.read.get_untracked().version, |began| began.version)
    }

    /// Saves a text over the one that it began with.
    fn save(self, text: String) {
        let version = self.version();
        self.read.set(Read { text: text.clone(), version });
        self.unsaved.save(self.open.id, text, version);
    }

    /// Takes a newer reading. An editing goes on; one that began with the same text may be saved over it.
    fn take(self, fresh: Read) {
        if self.read.try_with_untracked(|read| fresh.version < read.version) != Some(false) {
            return;
        }
        self.began.update_value(|began| {
            if let Some(began) = began
                && began.text.as_ref() == Some(&fresh.text)
            {
                began.version = fresh.version;
            }
        });
        self.read.set(fresh);
    }
}

/// The description of the open task.
#[component]
pub(super) fn Description(open: Open, read: Task) -> impl IntoView {
    let unsaved: Unsaved = expect_context();
    let editor = Editor {
        open,
        unsaved,
        read: RwSignal::new(Read { text: read.description.unwrap_or_default(), version: read.version }),
        began: StoredValue::new(None),
    };
    refresh(editor, backend());
    // Told only when it changes, and the field made only once: what is being typed outlives other people's changes.
    let locked = open.locked();
    let locked = Memo::new(move |_| locked.get());
    let field = saved_field(editor);
    let shown = move || editor.read.with(|read| read.text.clone());
    view! {
        <section class="description" aria-labelledby="description-label">
            <h3 class="label" id="description-label">"Description"</h3>
            {move || unsaved.get(open.id).map(|refused| view! { <Conflict editor refused /> })}
            {move || {
                if locked.get() {
                    let text = shown();
                    if text.is_empty() {
                        view! { <p class="quiet">"No description."</p> }.into_any()
                    } else {
                        view! { <p class="description-text" dir="auto">{text}</p> }.into_any()
                    }
                } else {
                    view! { <Field editor field /> }.into_any()
                }
            }}
        </section>
    }
    .into_any()
}

fn saved_field(editor: Editor) -> SavedField {
    let (open, value) = (editor.open, Signal::derive(move || editor.read.with(|read| read.text.clone())));
    let save = Save::Now(Callback::new(move |text| editor.save(text)));
    let begun = Callback::new(move |draft| editor.begin(draft));
    let note = Callback::new(move |()| editor.version().to_string());
    SavedField::new("task-description", value, Takes::Rule(Rule::Text { max: limit::DESCRIPTION }), save)
        .with_drafts(Drafts::new(open.store.me(), DESCRIPTION, open.id))
        .noting(begun, note)
}

#[component]
fn Field(editor: Editor, field: SavedField) -> impl IntoView {
    let ready: Hydrated = expect_context();
    let open = editor.open;
    view! {
        <TextArea
            id="task-description"
            field
            class="input description-input"
            rows="5"
            labelled_by="description-label"
            placeholder="Add a description. It is saved when you leave the field."
            locked=Signal::derive(move || !ready.get())
            on_focus=Callback::new(move |focused| open.tell(if focused { PresenceMode::Edit } else { PresenceMode::View }))
        />
    }
    .into_any()
}

/// Reads the description again whenever the task has a new version: events need not carry it. Not
/// while a change is under way: the text on the server may be the one before it.
fn refresh(editor: Editor, backend: Arc<dyn Backend>) {
    let version = Memo::new(move |_| editor.open.confirmed_version());
    Effect::new(move || {
        let known = editor.read.with_untracked(|read| read.version);
        if version.get().is_some_and(|version| version > known) {
            let reply = backend.task(editor.open.id);
            spawn_local(async move {
                // A reading that fails is made up for by the next version; the text shown stays as it was.
                if let Ok(task) = reply.await {
                    editor.take(Read { text: task.description.unwrap_or_default(), version: task.version });
                }
            });
        }
    });
}

/// Both texts, and the choice between them.
#[component]
fn Conflict(editor: Editor, refused: Refused) -> impl IntoView {
    let Refused { mine, theirs, reason } = refused;
    let id = editor.open.id;
    let keep = mine.clone();
    let over = theirs.clone();
    let keep_mine = move |_| {
        let version = over.as_ref().map_or_else(|| editor.read.get_untracked().version, |(_, version)| *version);
        editor.read.set(Read { text: keep.clone(), version });
        editor.unsaved.save(id, keep.clone(), version);
    };
    let other = theirs.clone();
    let drop_mine = move |_| {
        if let Some((text, version)) = other.clone() {
            editor.read.set(Read { text, version });
        }
        editor.unsaved.forget(id);
    };
    let (keep_label, drop_label) =
        if theirs.is_some() { ("Keep mine", "Take theirs") } else { ("Try again", "Discard") };
    view! {
        <div class="conflict" role="alert">
            <p class="conflict-reason"><Icon name="alert" />{reason}</p>
            <div class="conflict-texts">
                <div>
                    <h4 class="label">"Yours, not saved"</h4>
                    <p class="description-text" dir="auto">{mine}</p>
                </div>
                {theirs
                    .map(|(text, _)| {
                        view! {
                            <div>
                                <h4 class="label">"Theirs"</h4>
                                <p class="description-text" dir="auto">{text}</p>
                            </div>
                        }
                    })}
            </div>
            <div class="form-actions">
                <button class="button primary small" type="button" on:click=keep_mine>{keep_label}</button>
                <button class="button small" type="button" on:click=drop_mine>{drop_label}</button>
            </div>
        </div>
    }
    .into_any()
}
