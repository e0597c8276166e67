//! The state of the connection, in words.

use engine::session::Link;

/// The four states of the mark.
pub(super) fn state(link: Link) -> &'static str {
    match link {
        Link::Live => "live",
        Link::Connecting | Link::Reconnecting { .. } => "connecting",
        Link::Polling => "polling",
        Link::Offline | Link::SignedOut | Link::NoAccess | Link::Outdated | Link::OtherUser => "offline",
    }
}

/// The words after the number of waiting changes.
pub(super) fn waiting(count: usize) -> &'static str {
    if count == 1 { " change waiting" } else { " changes waiting" }
}

/// The announcement for screen readers: once when the connection is lost or slow, and once when it is back. `spoken` is
/// the last announcement.
pub(super) fn announcement(link: Link, loud: bool, saving: bool, spoken: Option<&'static str>) -> &'static str {
    const SLOW: &str = "Still saving your changes.";
    match link {
        Link::Live if saving => SLOW,
        Link::Live if spoken == Some(SLOW) => "Your changes are saved.",
        Link::Live if spoken == Some("Your changes are saved.") => "",
        Link::Live if spoken.is_some_and(|spoken| !spoken.is_empty()) => "Connected again. The board is up to date.",
        Link::Live | Link::Connecting => "",
        Link::Reconnecting { .. } if loud => "Connection lost. Reconnecting.",
        Link::Reconnecting { .. } => spoken.unwrap_or_default(),
        Link::Polling => "Live updates are blocked. Checking every few seconds.",
        // The page shows it in full.
        Link::OtherUser => "",
        Link::Offline => "You're offline. Your changes are kept and sent when you're back.",
        Link::SignedOut => "You're signed out.",
        Link::NoAccess => "You no longer have access to this project.",
        Link::Outdated => "Update available. Your changes are saved.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_break_is_not_announced() {
        let spoken = announcement(Link::Live, false, false, None);
        let spoken = announcement(Link::Reconnecting { attempt: 1 }, false, false, Some(spoken));
        assert_eq!(spoken, "");
        assert_eq!(announcement(Link::Live, false, false, Some(spoken)), "");
    }

    #[test]
    fn a_long_break_is_announced_when_it_starts_and_ends() {
        let lost = announcement(Link::Reconnecting { attempt: 2 }, true, true, Some(""));
        assert_eq!(lost, "Connection lost. Reconnecting.");
        assert_eq!(announcement(Link::Reconnecting { attempt: 3 }, true, true, Some(lost)), lost);
        assert_eq!(announcement(Link::Live, true, false, Some(lost)), "Connected again. The board is up to date.");
    }

    #[test]
    fn a_slow_server_is_announced_when_it_starts_and_ends() {
        let slow = announcement(Link::Live, false, true, Some(""));
        assert_eq!(slow, "Still saving your changes.");
        let saved = announcement(Link::Live, false, false, Some(slow));
        assert_eq!(saved, "Your changes are saved.");
        assert_eq!(announcement(Link::Live, false, true, Some(saved)), slow, "and again");
    }

    #[test]
    fn the_mark_shows_the_state() {
        assert_eq!(state(Link::Live), "live");
        assert_eq!(state(Link::Reconnecting { attempt: 1 }), "connecting");
        assert_eq!(state(Link::Polling), "polling");
        for link in [Link::Offline, Link::SignedOut, Link::NoAccess, Link::Outdated, Link::OtherUser] {
            assert_eq!(state(link), "offline");
        }
    }

    #[test]
    fn one_waiting_change_is_singular() {
        assert_eq!((waiting(1), waiting(2)), (" change waiting", " changes waiting"));
    }
}
