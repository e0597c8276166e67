//! A report as a document: CSV for spreadsheets, Markdown to paste.

use std::fmt::Write as _;

use engine::{
    day::Day,
    oversight::report::{Counts, Report, ReportTask},
};

use super::{csv::Csv, report::Read};

/// A category of a report.
pub(crate) struct Section<'a> {
    /// Its name.
    pub(crate) name: &'static str,
    /// The number of tasks.
    pub(crate) count: u32,
    /// The number in the week before.
    pub(crate) before: u32,
    /// The tasks.
    pub(crate) tasks: &'a [ReportTask],
}

/// The categories of a report, in order.
pub(crate) fn sections(report: &Report) -> [Section<'_>; 6] {
    let Report { counts, before, completed, in_progress, blocked, overdue, due_next_week, created, .. } = report;
    let section =
        |name, count: fn(&Counts) -> u32, tasks| Section { name, count: count(counts), before: count(before), tasks };
    [
        section("Completed", |counts| counts.completed, completed),
        section("In progress", |counts| counts.in_progress, in_progress),
        section("Blocked", |counts| counts.blocked, blocked),
        section("Overdue", |counts| counts.overdue, overdue),
        section("Due next week", |counts| counts.due_next_week, due_next_week),
        section("New", |counts| counts.created, created),
    ]
}

impl Read {
    /// All tasks of all categories, one per row.
    pub(crate) fn csv(&self) -> String {
        let header = "category,project,task,column,assignee,created,due,completed,blocked since,blocked reason,days blocked,days overdue,id";
        let mut csv = Csv::new(&header.split(',').collect::<Vec<_>>());
        for Section { name, tasks, .. } in sections(&self.report) {
            for task in tasks {
                let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
                let date = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
                let cells = [
                    name.to_owned(),
                    task.project.clone(),
                    task.title.clone(),
                    task.status.clone(),
                    task.assignee.clone().unwrap_or_default(),
                    task.created_on.to_string(),
                    date(task.due_at.map(Day::utc)),
                    date(task.completed_on),
                    date(task.blocked_on),
                    task.blocked_reason.clone().unwrap_or_default(),
                    number(task.days_blocked),
                    number(task.days_overdue),
                    task.id.to_string(),
                ];
                csv.row(&cells);
            }
        }
        csv.text()
    }

    /// The report as Markdown.
    pub(crate) fn markdown(&self) -> String {
        let Report { week, last, project, .. } = &self.report;
        let of = project.as_deref().map(|project| format!(" of {}", plain(project))).unwrap_or_default();
        let mut text =
            format!("# Weekly report{of}, {week} to {last}\n\n| | This week | Week before |\n| --- | ---: | ---: |\n");
        let sections = sections(&self.report);
        for Section { name, count, before, .. } in &sections {
            // Writing to a string cannot fail, here and below.
            let _ = writeln!(text, "| {name} | {count} | {before} |");
        }
        for Section { name, count, tasks, .. } in &sections {
            let _ = write!(text, "\n## {name} ({count})\n\n");
            if tasks.is_empty() {
                text.push_str("None.\n");
            }
            for task in *tasks {
                let _ = writeln!(text, "- {}: {}", plain(&task.title), plain(&self.details(task)));
            }
        }
        text
    }

    /// The details of a task besides its title: `Board, Review, Ada, due 2026-11-24, overdue by 2 days`.
    pub(crate) fn details(&self, task: &ReportTask) -> String {
        let mut details = Vec::new();
        if self.report.project.is_none() {
            details.push(task.project.clone());
        }
        details.push(task.status.clone());
        details.extend(task.assignee.clone());
        let days = |days: u32| if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
        details.extend(task.completed_on.map(|day| format!("completed {day}")));
        details.extend(task.due_at.map(|due| format!("due {}", Day::utc(due))));
        details.extend(task.days_overdue.map(|late| format!("overdue by {}", days(late))));
        let blocked = task.days_blocked.zip(task.blocked_on);
        details.extend(blocked.map(|(count, since)| format!("blocked for {} since {since}", days(count))));
        details.extend(task.blocked_reason.clone());
        details.join(", ")
    }
}

/// A text on one line, escaped so that Markdown shows it verbatim.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len() + 8);
    for word in text.split_whitespace() {
        if !plain.is_empty() {
            plain.push(' ');
        }
        // A marker at the beginning of a line also works inside a list item.
        let marker = plain.is_empty() && word.starts_with(['-', '+', '#', '=']);
        if marker {
            plain.push('\\');
        }
        let numbered = plain.is_empty() && word.starts_with(|first: char| first.is_ascii_digit());
        for character in word.chars() {
            let special =
                matches!(character, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '!' | '$');
            if special || (numbered && matches!(character, '.' | ')')) {
                plain.push('\\');
            }
            plain.push(character);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_shown_verbatim() {
        assert_eq!(plain("Plain, with 1.5 and a-b"), "Plain, with 1.5 and a-b");
        assert_eq!(plain("- item"), "\\- item");
        assert_eq!(plain("1. item"), "1\\. item");
        assert_eq!(plain("# head\n## two"), "\\# head ## two");
        assert_eq!(plain("[x](y) *b* _i_ `c` <b> a|b"), "\\[x\\](y) \\*b\\* \\_i\\_ \\`c\\` \\<b\\> a\\|b");
        assert_eq!(plain("![i](u) &amp; ~~s~~ \\"), "\\!\\[i\\](u) \\&amp; \\~\\~s\\~\\~ \\\\");
        let html = {
            let mut html = String::new();
            let list = format!("- {}\n", plain("<script> # *x* | 1. [a](b) &lt; ![c](d)"));
            pulldown_cmark::html::push_html(&mut html, pulldown_cmark::Parser::new(&list));
            html
        };
        assert_eq!(html, "<ul>\n<li>&lt;script&gt; # *x* | 1. [a](b) &amp;lt; ![c](d)</li>\n</ul>\n");
    }
}
