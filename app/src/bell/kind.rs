//! The kinds of notifications as names, sentences and icons.

use engine::notification::NotificationKind;

/// The icon of a kind.
pub(super) const fn icon(kind: NotificationKind) -> &'static str {
    match kind {
        NotificationKind::Mention => "at",
        NotificationKind::Assignment => "user",
        NotificationKind::Comment => "comment",
        NotificationKind::Blocker => "block",
        NotificationKind::Status | NotificationKind::CreatedStatus => "move",
        NotificationKind::Due => "calendar",
        NotificationKind::Report => "report",
    }
}

/// The name of a kind, and when such a notification is sent.
pub(crate) const fn words(kind: NotificationKind) -> (&'static str, &'static str) {
    match kind {
        NotificationKind::Mention => ("Mentions", "Someone mentions you in a comment"),
        NotificationKind::Assignment => ("Assignments", "A card is assigned to you or taken from you"),
        NotificationKind::Comment => ("Comments", "On a card you follow"),
        NotificationKind::Blocker => ("Blockers", "A card you follow is blocked or unblocked"),
        NotificationKind::Status => ("Moves", "A card you follow moves to another column"),
        NotificationKind::CreatedStatus => {
            ("Moves of cards you created", "Cards you follow only because you created them")
        }
        NotificationKind::Due => ("Due dates", "Your card is due tomorrow or overdue"),
        NotificationKind::Report => ("Weekly report", "A summary of last week on your boards"),
    }
}

/// The CSS class of a kind.
pub(super) const fn class(kind: NotificationKind) -> &'static str {
    match kind {
        NotificationKind::Mention => "bell-icon bell-mention",
        NotificationKind::Blocker => "bell-icon bell-blocker",
        NotificationKind::Due => "bell-icon bell-due",
        NotificationKind::Assignment
        | NotificationKind::Comment
        | NotificationKind::Status
        | NotificationKind::CreatedStatus
        | NotificationKind::Report => "bell-icon",
    }
}
