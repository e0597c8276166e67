//! The weekly report in a letter.

use html_escape::{encode_double_quoted_attribute, encode_text};

use crate::service::oversight::{
    document::{Section, sections},
    report::Read,
};

/// Tasks per category in a letter. The rest is behind the link.
const MAX_TASKS: usize = 20;

/// Appends the figures of a week, beside those of the week before, and the tasks of each category.
pub(super) fn append(week: &Read, link: &str, text: &mut String, html: &mut String) {
    let sections = sections(&week.report);
    html.push_str("<table>\n<tr><th></th><th>This week</th><th>Week before</th></tr>\n");
    for Section { name, count, before, .. } in &sections {
        text.push_str(&format!("{name}: {count} (week before: {before})\n"));
        html.push_str(&format!("<tr><td>{name}</td><td>{count}</td><td>{before}</td></tr>\n"));
    }
    text.push('\n');
    html.push_str("</table>\n");
    for Section { name, tasks, .. } in sections.iter().filter(|section| !section.tasks.is_empty()) {
        text.push_str(&format!("{name}\n"));
        html.push_str(&format!("<h2>{name}</h2>\n<ul>\n"));
        for task in tasks.iter().take(MAX_TASKS) {
            let details = week.details(task);
            text.push_str(&format!("- {}: {details}\n", task.title));
            html.push_str(&format!("<li>{}: {}</li>\n", encode_text(&task.title), encode_text(&details)));
        }
        html.push_str("</ul>\n");
        if let Some(more) = tasks.len().checked_sub(MAX_TASKS).filter(|more| *more > 0) {
            text.push_str(&format!("and {more} more: {link}\n"));
            let link = encode_double_quoted_attribute(link);
            html.push_str(&format!("<p><a href=\"{link}\">and {more} more</a></p>\n"));
        }
        text.push('\n');
    }
}
