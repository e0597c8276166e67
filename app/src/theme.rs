//! The theme: light, dark, or the system's. Stored in the browser; the document applies it before the first paint.

use leptos::prelude::*;

const KEY: &str = "theme";

/// A choice of theme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Follows the system.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// Every choice, in display order.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// Its name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }

    /// Its icon.
    pub const fn icon(self) -> &'static str {
        match self {
            Self::System => "monitor",
            Self::Light => "sun",
            Self::Dark => "moon",
        }
    }

    const fn stored(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }

    /// The stored choice. In the browser only.
    pub(crate) fn load() -> Self {
        let stored = storage().and_then(|storage| storage.get_item(KEY).ok().flatten());
        Self::ALL.into_iter().find(|theme| theme.stored() == stored.as_deref()).unwrap_or_default()
    }

    /// Applies and stores the choice. In the browser only. Where storage is disabled, it lasts until the page is left.
    pub(crate) fn apply(self) {
        if let Some(root) = document().document_element() {
            // Neither can fail: the name is valid.
            let _ = match self.stored() {
                Some(name) => root.set_attribute("data-theme", name),
                None => root.remove_attribute("data-theme"),
            };
        }
        if let Some(storage) = storage() {
            let _ = match self.stored() {
                Some(name) => storage.set_item(KEY, name),
                None => storage.remove_item(KEY),
            };
        }
    }
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}
