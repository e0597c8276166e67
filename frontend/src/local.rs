//! Small texts by key, in local storage: all tabs see them at once. Where it is switched off there are none.

use engine::UserId;
use web_sys::Storage;

/// The text at a key.
pub(crate) fn get(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// Writes a text, or takes it away. False where there is no room, or no storage: nothing here is worth a word to the user.
pub(crate) fn set(key: &str, text: Option<&str>) -> bool {
    storage().is_some_and(|storage| match text {
        Some(text) => storage.set_item(key, text).is_ok(),
        None => storage.remove_item(key).is_ok(),
    })
}

/// Takes away all that is kept for a user: its keys name them.
pub(crate) fn clear(user: UserId) {
    let user = user.to_string();
    for key in keys().iter().filter(|key| key.contains(&user)) {
        set(key, None);
    }
}

/// How many fields have drafts of a user: texts that were typed and not saved.
pub(crate) fn drafts(user: UserId) -> usize {
    let begin = format!("draft:{user}:");
    keys().iter().filter(|key| key.starts_with(&begin)).count()
}

/// All keys.
pub(crate) fn keys() -> Vec<String> {
    let Some(storage) = storage() else { return Vec::new() };
    (0..storage.length().unwrap_or_default()).filter_map(|at| storage.key(at).ok().flatten()).collect()
}

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}
