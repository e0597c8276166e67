//! Pages that stand in for one that cannot be shown.

use engine::ApiError;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::{header::Home, message::sentence, response::respond, ui::icon::Icon};

/// The page for an unknown address.
pub(crate) fn missing() -> AnyView {
    respond(404);
    whole("This page doesn't exist", "Check the address, or go back to your projects.".to_owned(), false)
}

/// The page for a refusal.
pub(crate) fn view(error: &ApiError) -> AnyView {
    // In the browser the status is unknown (0): the page was already served.
    if error.status >= 400 {
        respond(error.status);
    }
    // Also by code: the browser does not know the status, and has to render the same.
    let again = matches!(error.code.as_ref(), "network" | "busy" | "internal" | "unavailable");
    let title = match error.code.as_ref() {
        "project_not_found" => "Project not found",
        "forbidden" => "No access",
        "network" => "No connection",
        _ => "This page can't be shown",
    };
    whole(title, sentence(error).into_owned(), again)
}

fn whole(title: &'static str, text: String, again: bool) -> AnyView {
    let (action, href) = if again { ("Try again", "") } else { ("All projects", "/") };
    view! {
        <Title text=title />
        <header class="header">
            <Home />
        </header>
        <main id="main" class="page problem">
            <h1>{title}</h1>
            <p>{text}</p>
            <p class="problem-actions">
                // No router link: a page that failed to load needs a new document.
                <a class="button primary" href=href rel="external">{action}</a>
            </p>
        </main>
    }
    .into_any()
}

/// A refusal shown in place of one part of a page.
pub(crate) fn notice(error: &ApiError) -> AnyView {
    if error.status >= 400 {
        respond(error.status);
    }
    view! {
        <div class="notice danger" role="alert">
            <Icon name="alert" />
            <p>{sentence(error)}</p>
            <a class="button" href="" rel="external">"Reload"</a>
        </div>
    }
    .into_any()
}
