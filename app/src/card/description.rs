//! The description: rendered, and edited in place.
//!
//! It is saved on blur, naming the version that was read. When another user was faster, both texts are shown.
//!
//! ```text
//! rendered  the rendered text, with boxes to tick     field  the text while it is edited
//! conflict  both texts of a refused change            caret  from a press to a position in the source
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

/// The id of the element that is shown while nothing is edited.
const SHOWN: &str = "description-shown";

/// How a description is displayed.
#[derive(Clone, Debug, PartialEq)]
enum Rendering {
    /// As HTML from the server, with the positions of its check boxes in the source.
    Html { html: String, boxes: Vec<u32> },
    /// As text: the server has not rendered it yet.
    Unknown,
    /// As text: it has too much markup to be rendered.
    Plain,
}

/// A description, and the task's version at which it was read.
#[derive(Clone, Debug, PartialEq)]
struct ReadDescription {
    text: String,
    version: i64,
    rendering: Rendering,
}

impl ReadDescription {
    /// A text of this page, which the server has not rendered yet.
    fn local(text: String, version: i64) -> Self {
        Self { text, version, rendering: Rendering::Unknown }
    }
}

impl From<TaskDescription> for ReadDescription {
    fn from(TaskDescription { version, text, html, boxes, .. }: TaskDescription) -> Self {
        Self { text, version, rendering: html.map_or(Rendering::Plain, |html| Rendering::Html { html, boxes }) }
    }
}

/// The text and the version that the editing started from. For a resumed draft the text is unknown.
#[derive(Clone, Debug, PartialEq)]
struct Began {
    text: Option<String>,
    version: i64,
}

#[derive(Clone, Copy)]
struct Editor {
    open: OpenCard,
    unsaved: Unsaved,
    /// The newest description that was read from the server.
    read: RwSignal<ReadDescription>,
    began: StoredValue<Option<Began>>,
    /// The HTML that the page already shows because a box in it was ticked.
    ticked: StoredValue<Option<String>>,
    /// Whether the field is open.
    opened: RwSignal<bool>,
    /// Where in the text the press was that opens the field, in UTF-16 units.
    pressed_at: StoredValue<Option<u32>>,
}

impl Editor {
    /// Starts an editing: what is saved names its version, even when others save meanwhile.
    fn begin(self, draft: Option<StoredDraft>) {
        let (text, version) = self.read.with_untracked(|read| (read.text.clone(), read.version));
        let drafted = draft.and_then(|draft| draft.note?.parse::<i64>().ok()).filter(|local| *local != version);
        self.began.set_value(Some(match drafted {
            Some(version) => Began { text: None, version },
            None => Began { text: Some(text), version },
        }));
    }

    fn version(self) -> i64 {
        self.began.get_value().map_or_else(|| self.read.with_untracked(|read| read.version), |began| began.version)
    }

    /// Saves a text over the version that the editing started from.
    fn save(self, text: String) {
        let version = self.version();
        self.read.set(ReadDescription::local(text.clone(), version));
        self.unsaved.save(self.open.id, text, version);
    }

    /// Takes a newer description from the server. An editing goes on; one that started from the same text can be saved
    /// over it.
    fn accept(self, fresh: ReadDescription) {
        if self.read.try_with_untracked(|read| fresh.version < read.version) != Some(false) {
            return;
        }
        // A change of this page is pending: the text that was read is the one before it, and is read again afterwards.
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

    /// Tracks whether the description is empty.
    fn is_empty(self) -> bool {
        self.read.with(|read| read.text.trim().is_empty())
    }

    /// Ends the editing by key: the focus goes to the rendered text.
    fn leave(self) {
        self.opened.set(false);
        restore_focus(|| {
            if let Some(shown) = find(&format!("#{SHOWN}")) {
                focus(&shown);
            }
        });
    }
}

/// The description of the open card.
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
    // A memo, and the field is built only once: what is being typed survives other users' changes.
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

/// Opens the field with `E`, wherever in the panel the focus is.
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

/// Reads the description again whenever the task has a new version, because events need not contain it, and when this
/// page has saved a text. Not while a change is pending: the server may still have the text before it.
fn refresh(editor: Editor, backend: Arc<dyn Backend>) {
    let version = Memo::new(move |_| editor.open.confirmed_version());
    let unknown = Memo::new(move |_| editor.read.with(|read| read.rendering == Rendering::Unknown));
    let live = Memo::new(move |_| matches!(editor.open.store.link().get(), Link::Live | Link::Polling));
    Effect::new(move || {
        let known = editor.read.with_untracked(|read| read.version);
        // A failed read is repeated once there is a connection.
        let unknown = unknown.get() && live.get();
        if version.get().is_some_and(|version| version > known || unknown) {
            let reply = backend.description(editor.open.id);
            spawn_local(async move {
                // A failed read is made up for by the next version. The text shown stays.
                if let Ok(description) = reply.await {
                    editor.accept(description.into());
                }
            });
        }
    });
}
