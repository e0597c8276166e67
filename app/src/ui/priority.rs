//! The mark of a card's priority.

use engine::Priority;
use leptos::prelude::*;

/// The name of a priority.
pub const fn word(priority: Priority) -> &'static str {
    match priority {
        Priority::None => "No priority",
        Priority::Low => "Low priority",
        Priority::Medium => "Medium priority",
        Priority::High => "High priority",
        Priority::Urgent => "Urgent",
    }
}

/// Three bars, filled by priority; a filled square for the highest. Nothing for a card without a priority.
#[component]
pub fn PriorityMark(
    /// The priority.
    priority: Priority,
) -> impl IntoView {
    let name = word(priority);
    match priority {
        Priority::None => ().into_any(),
        Priority::Urgent => view! {
            <svg class="priority priority-urgent" viewBox="0 0 14 14" role="img" aria-label=name>
                <title>{name}</title>
                <rect class="priority-plate" x="0.5" y="0.5" width="13" height="13" rx="3"/>
                <path class="priority-bang" d="M7 3.6v4.2M7 10.3v.1"/>
            </svg>
        }
        .into_any(),
        Priority::Low | Priority::Medium | Priority::High => {
            let bar = |at: Priority| if priority >= at { "priority-bar" } else { "priority-bar priority-bar-off" };
            view! {
                <svg class="priority" viewBox="0 0 14 14" role="img" aria-label=name>
                    <title>{name}</title>
                    <rect class=bar(Priority::Low) x="1" y="8" width="3" height="5" rx="1"/>
                    <rect class=bar(Priority::Medium) x="5.5" y="5" width="3" height="8" rx="1"/>
                    <rect class=bar(Priority::High) x="10" y="2" width="3" height="11" rx="1"/>
                </svg>
            }
            .into_any()
        }
    }
}
