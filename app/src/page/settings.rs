use leptos::prelude::*;
/// page
pub(crate) fn settings() -> AnyView {
    ().into_any()
}
