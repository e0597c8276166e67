//! The kinds of notifications in words and pictures.

use engine::notification::NotificationKind;

/// Its icon.
pub(super) const fn icon(kind: NotificationKind) -> &'static str {
    match kind {
        NotificationKind::Mention => "at",
        NotificationKind::Assignment => "user",
        NotificationKind::Comment => "comment",
        NotificationKind::Blocker => "block",
        NotificationKind::Status => "move",
        NotificationKind::Due => "calendar",
        NotificationKind::Report => "report",
    }
}

/// What it is called, and when it comes.
pub(crate) const fn words(kind: NotificationKind) -> (&'static str, &'static str) {
    match kind {
        NotificationKind::Mention => ("Mentions", "Somebody writes @ and your name"),
        NotificationKind::Assignment => ("Assignments", "A card is given to you, or taken from you"),
        NotificationKind::Comment => ("Comments", "On a card that is yours or that you watch"),
        NotificationKind::Blocker => ("Blockers", "Such a card is blocked, or no longer is"),
        NotificationKind::Status => ("Moves", "A card that you watch comes into another column"),
        NotificationKind::Due => ("Due dates", "Your card is due tomorrow, or overdue"),
        NotificationKind::Report => {
            ("Weekly report", "What the last week brought on your boards, on its first morning")
        }
    }
}

/// Its name in a class.
pub(super) const fn class(kind: NotificationKind) -> &'static str {
    match kind {
        NotificationKind::Mention => "bell-icon bell-mention",
        NotificationKind::Blocker => "bell-icon bell-blocker",
        NotificationKind::Due => "bell-icon bell-due",
        NotificationKind::Assignment
        | NotificationKind::Comment
        | NotificationKind::Status
        | NotificationKind::Report => "bell-icon",
    }
}
