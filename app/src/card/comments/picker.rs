//! The list of members that opens at an `@`. The focus stays in the text; keys move within the list.

use engine::{Member, UserId};
use leptos::prelude::*;
use web_sys::KeyboardEvent;

use super::{
    mention::Begun,
    writing::{Writing, caret},
};
use crate::ui::avatar::Avatar;

/// The members that are offered to the author.
#[derive(Clone, Copy)]
pub(super) struct Picker {
    id: StoredValue<String>,
    me: UserId,
    members: Signal<Vec<Member>>,
    writing: Writing,
    /// The mention that was begun, the members who match, and the index that a key would choose.
    open: RwSignal<Option<(Begun, Vec<Member>)>>,
    at: RwSignal<usize>,
}

impl Picker {
    pub(super) fn new(id: String, me: UserId, members: Signal<Vec<Member>>, writing: Writing) -> Self {
        Self { id: StoredValue::new(id), me, members, writing, open: RwSignal::new(None), at: RwSignal::new(0) }
    }

    /// Checks whether a mention ends at the caret.
    pub(super) fn update(self) {
        let Some(field) = self.writing.node.get_untracked() else { return };
        let begun = Begun::before(&field.value(), caret(&field)).filter(|begun| !self.writing.is_chosen(begun));
        let offer = begun.map(|begun| {
            let offered = self.members.with_untracked(|members| begun.offer(members, self.me));
            (begun, offered)
        });
        self.at.set(0);
        self.open.set(offer.filter(|(_, offered)| !offered.is_empty()));
    }

    /// Closes the list. A field that is removed is blurred too, when its signals are already gone.
    pub(super) fn close(self) {
        if self.open.try_with_untracked(Option::is_some) == Some(true) {
            self.open.set(None);
        }
    }

    /// Handles a key, if it is one for the list. Returns whether it was.
    pub(super) fn pressed(self, event: &KeyboardEvent) -> bool {
        let count = self.open.with_untracked(|open| open.as_ref().map_or(0, |(_, offered)| offered.len()));
        if count == 0 || event.ctrl_key() || event.meta_key() {
            return false;
        }
        let at = self.at.get_untracked();
        match event.key().as_str() {
            "ArrowDown" => self.at.set((at + 1) % count),
            "ArrowUp" => self.at.set((at + count - 1) % count),
            "Enter" | "Tab" => self.choose(at),
            "Escape" => self.close(),
            _ => return false,
        }
        true
    }

    fn choose(self, at: usize) {
        if let Some((begun, mut offered)) = self.open.get_untracked().filter(|(_, offered)| at < offered.len()) {
            self.open.set(None);
            self.writing.mention(&begun, &offered.swap_remove(at));
        }
    }

    /// Tracks the id of the list while it is open.
    pub(super) fn list_id(self) -> Option<String> {
        self.open.with(Option::is_some).then(|| format!("{}-people", self.id.get_value()))
    }

    /// Tracks the id of the option that a key would choose.
    pub(super) fn active_id(self) -> Option<String> {
        self.open.with(Option::is_some).then(|| self.option_id(self.at.get()))
    }

    fn option_id(self, at: usize) -> String {
        format!("{}-person-{at}", self.id.get_value())
    }

    /// Tracks the announcement for screen readers.
    fn announcement(self) -> String {
        self.open.with(|open| match open {
            Some((_, offered)) => {
                let at = self.at.get().min(offered.len() - 1);
                format!("{}, {} of {}. Enter mentions them", offered[at].name, at + 1, offered.len())
            }
            None => String::new(),
        })
    }
}

/// The list, and its announcement.
pub(super) fn picker(choice: Picker) -> AnyView {
    let list = move || {
        let id = choice.list_id()?;
        let offered = choice.open.with(|open| open.as_ref().map(|(_, offered)| offered.clone()))?;
        let options = offered.into_iter().enumerate().map(|(at, member)| {
            view! {
                <li
                    class="picker-option"
                    id=choice.option_id(at)
                    role="option"
                    aria-selected=move || (choice.at.get() == at).to_string()
                    // The focus stays in the text.
                    on:mousedown=move |event| {
                        event.prevent_default();
                        choice.choose(at);
                    }
                >
                    <Avatar user=member.user_id name=member.name.clone() decorative=true class="avatar-small" />
                    <span class="picker-name">{member.name}</span>
                    <span class="picker-email">{member.email}</span>
                </li>
            }
        });
        let view = view! {
            <ul class="picker" id=id role="listbox" aria-label="People to mention">
                {options.collect_view()}
            </ul>
        };
        Some(view.into_any())
    };
    view! {
        {move || list()}
        <p class="visually-hidden" role="status" aria-live="polite">{move || choice.announcement()}</p>
    }
    .into_any()
}
