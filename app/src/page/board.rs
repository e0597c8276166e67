use leptos::prelude::*;
/// page
pub(crate) fn board() -> AnyView {
    ().into_any()
}
