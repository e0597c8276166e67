//! The description: rendered, and edited where it stands. It is saved when it is left, over the text that was read; where
//! somebody else was faster, both texts are shown.
//!
//! ```text
//! rendered  the text as it is read, with boxes to tick    field   the text as it is written
//! conflict  both texts of a refused change
//! ```

mod caret;
mod conflict;
mod field;
mod rendered;

use std::sync::Arc;

use engine::{TaskDescription, session::Link};
use leptos::{ev, prelude::*, task::spawn_local};

use super::{OpenCard, unsaved::Unsaved};
use crate::{
    backend::Backend,
    session::backend,
    ui::{
        dialog::nothing_above,
        dom::{closest, find, focus},
        field::{StoredDraft, shortcut},
        focus::restore_focus,
        hydrated::Hydrated,
        icon::Icon,
    },
};
use conflict::Conflict;
use field::{Field, saved_field};
use rendered::Rendered;

/// The id of what is shown while nothing is edited.
const SHOWN: &str = "description-shown";

/// What a text looks like.
#[derive(Clone, Debug, PartialEq)]
enum Look {
    /// As the server rendered it, and where its check boxes stand in the text.
    Html { html: String, boxes: Vec<u32> },
    /// The server has not rendered it yet.
    Unknown,
    /// It has too much markup to be rendered.
    Plain,
}

/// A text, and the task's version in which it was read.
#[derive(Clone, Debug, PartialEq)]
struct Read {
    text: String,
    version: i64,
    look: Look,
}

impl Read {
    /// A text of this page, which the server has not rendered.
    fn own(text: String, version: i64) -> Self {
        Self { text, version, look: Look::Unknown }
    }
}

impl From<TaskDescription> for Read {
    fn from(TaskDescription { version, text, html, boxes, .. }: TaskDescription) -> Self {
        Self { text, version, look: html.map_or(Look::Plain, |html| Look::Html { html, boxes }) }
    }
}

/// What an editing began with. Of one that goes on with a draft the text is not known any more.
#[derive(Clone, Debug, PartialEq)]
struct Began {
    text: Option<String>,
    version: i64,
}

#[derive(Clone, Copy)]
struct Editor {
    open: OpenCard,
    unsaved: Unsaved,
    /// What stands on the server, as far as is known.
    read: RwSignal<Read>,
    began: StoredValue<Option<Began>>,
    /// The HTML that the page shows already, because a box in it was ticked.
    ticked: StoredValue<Option<String>>,
    /// Whether its field was opened, and not left yet.
    opened: RwSignal<bool>,
    /// Where in the text the press was that opens the field, in UTF-16 units.
    pressed_at: StoredValue<Option<u32>>,
}

impl Editor {
    /// Takes note of what the editing begins with: what is saved names that version, even if others save meanwhile.
    fn begin(self, draft: Option<StoredDraft>) {
        let (text, version) = self.read.with_untracked(|read| (read.text.clone(), read.version));
        let drafted = draft.and_then(|draft| draft.note?.parse::<i64>().ok()).filter(|own| *own != version);
        self.began.set_value(Some(match drafted {
            Some(version) => Began { text: None, version },
            None => Began { text: Some(text), version },
        }));
    }

    fn version(self) -> i64 {
        self.began.get_value().map_or_else(|| self.read.with_untracked(|read| read.version), |began| began.version)
    }

    /// Saves a text over the one that it began with.
    fn save(self, text: String) {
        let version = self.version();
        self.read.set(Read::own(text.clone(), version));
        self.unsaved.save(self.open.id, text, version);
    }

    /// Takes a newer reading. An editing goes on; one that began with the same text may be saved over it.
    fn take(self, fresh: Read) {
        if self.read.try_with_untracked(|read| fresh.version < read.version) != Some(false) {
            return;
        }
        // A change of this page is under way: what was read is the text before it, and is read again after it.
        if untrack(|| self.open.confirmed_version()).is_none() {
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

    /// Tracks whether there is no text.
    fn is_empty(self) -> bool {
        self.read.with(|read| read.text.trim().is_empty())
    }

    /// Ends the editing with a key: the focus goes to what is shown in the place of the field.
    fn leave(self) {
        self.opened.set(false);
        restore_focus(|| {
            if let Some(shown) = find(&format!("#{SHOWN}")) {
                focus(&shown);
            }
        });
    }
}

/// The description of the open task.
#[component]
pub(super) fn Description(open: OpenCard, read: TaskDescription) -> impl IntoView {
    let unsaved: Unsaved = expect_context();
    let ready: Hydrated = expect_context();
    let editor = Editor {
        open,
        unsaved,
        read: RwSignal::new(read.into()),
        began: StoredValue::new(None),
        ticked: StoredValue::new(None),
        opened: RwSignal::new(false),
        pressed_at: StoredValue::new(None),
    };
    refresh(editor, backend());
    // Told only when it changes, and the field made only once: what is being typed outlives other people's changes.
    let locked = open.locked();
    let locked = Memo::new(move |_| locked.get());
    let field = saved_field(editor);
    let editing = Memo::new(move |_| !locked.get() && (editor.opened.get() || field.is_edited()));
    let empty = Memo::new(move |_| editor.is_empty());
    open_by_key(editor, locked);
    view! {
        <section class="description" aria-labelledby="description-label">
            <div class="description-head">
                <h3 class="label" id="description-label">"Description"</h3>
                <button
                    class="icon-button description-edit"
                    type="button"
                    aria-label="Edit description"
                    title="Edit description (E)"
                    hidden=move || locked.get() || editing.get() || empty.get()
                    disabled=move || !ready.get()
                    on:click=move |_| editor.opened.set(true)
                >
                    <Icon name="pencil" />
                </button>
            </div>
            {move || unsaved.get(open.id).map(|refused| view! { <Conflict editor refused /> })}
            {move || match (editing.get(), empty.get(), locked.get()) {
                (true, ..) => view! { <Field editor field /> }.into_any(),
                (false, true, true) => view! { <p class="quiet">"No description."</p> }.into_any(),
                (false, true, false) => {
                    view! {
                        <button
                            class="description-add"
                            id=SHOWN
                            type="button"
                            disabled=move || !ready.get()
                            on:click=move |_| editor.opened.set(true)
                        >
                            "Add a description…"
                        </button>
                    }
                        .into_any()
                }
                (false, false, locked) => view! { <Rendered editor locked /> }.into_any(),
            }}
            {move || (!editing.get() && !locked.get()).then(|| field.draft())}
        </section>
    }
    .into_any()
}

/// `E` opens the field, from wherever in the panel the focus is.
fn open_by_key(editor: Editor, locked: Memo<bool>) {
    Effect::new(move |_| {
        let handle = window_event_listener(ev::keydown, move |event| {
            let meant = shortcut(&event) == Some('e') && !event.shift_key() && nothing_above();
            if meant && !locked.get_untracked() && closest(event.target(), ".task-dialog").is_some() {
                event.prevent_default();
                editor.opened.set(true);
            }
        });
        on_cleanup(move || handle.remove());
    });
}

/// Reads the description again whenever the task has a new version, as events need not carry it, and when a text of this
/// page was saved. Not while a change is under way: the text on the server may be the one before it.
fn refresh(editor: Editor, backend: Arc<dyn Backend>) {
    let version = Memo::new(move |_| editor.open.confirmed_version());
    let unknown = Memo::new(move |_| editor.read.with(|read| read.look == Look::Unknown));
    let live = Memo::new(move |_| matches!(editor.open.store.link().get(), Link::Live | Link::Polling));
    Effect::new(move || {
        let known = editor.read.with_untracked(|read| read.version);
        // One that could not be read is asked for again once there is a connection.
        let unknown = unknown.get() && live.get();
        if version.get().is_some_and(|version| version > known || unknown) {
            let reply = backend.description(editor.open.id);
            spawn_local(async move {
                // A reading that fails is made up for by the next version; the text shown stays as it was.
                if let Ok(description) = reply.await {
                    editor.take(description.into());
                }
            });
        }
    });
}
