//! Small texts in local storage, visible to all tabs at once. Absent if storage is off.

use engine::UserId;
use web_sys::Storage;

/// The text at a key.
pub(crate) fn get(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// Writes or removes a text. False if storage is full or off; nothing here is worth telling the user.
pub(crate) fn set(key: &str, text: Option<&str>) -> bool {
    storage().is_some_and(|storage| match text {
        Some(text) => storage.set_item(key, text).is_ok(),
        None => storage.remove_item(key).is_ok(),
    })
}

/// Removes all entries of a user, whose id is in their keys.
pub(crate) fn clear(user: UserId) {
    let user = user.to_string();
    for key in keys().iter().filter(|key| key.contains(&user)) {
        set(key, None);
    }
}

/// Number of fields with an unsaved draft of a user.
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
