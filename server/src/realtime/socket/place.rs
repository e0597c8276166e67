//! What a socket is counted against while it is open.

use std::{net::IpAddr, time::Duration};

use super::asker::Who;
use crate::{
    quota::{AddressTicket, Ticket},
    realtime::{Counters, RealtimeContext},
};

/// How much shorter sockets may wait to be signed in where many do.
const HURRY: u32 = 5;

/// What a socket is counted against, at its address.
pub(super) enum SocketPlace {
    /// Whose opener is known.
    SignedIn(#[expect(dead_code, reason = "it counts until it is dropped")] Ticket<IpAddr>),
    /// Whose opener has shown nothing yet, or nothing that is good.
    Pending(AddressTicket),
}

impl SocketPlace {
    /// A place for a socket of an address, if one is free.
    pub(super) fn take(shared: &RealtimeContext, address: IpAddr, who: &Who) -> Option<Self> {
        let slot = match who {
            Who::Known(_) => shared.addresses.take(address).map(Self::SignedIn),
            Who::Nobody | Who::Unsaid | Who::Unclear => shared.pending.take(Some(address)).map(Self::Pending).ok(),
        };
        if slot.is_none() {
            Counters::add(&shared.counters.closed_crowded, 1);
            let limit = if matches!(who, Who::Known(_)) { "SOCKETS_PER_ADDRESS" } else { "PENDING_SOCKETS" };
            tracing::warn!(%address, "refused a socket: LOCKSTEP_{limit} are open (behind a proxy, see LOCKSTEP_TRUSTED_PROXY)");
        }
        slot
    }

    /// How long whoever opened it may take to say who they are.
    pub(super) fn patience(&self, shared: &RealtimeContext) -> Duration {
        match self {
            Self::Pending(ticket) if ticket.crowded => shared.timing.auth / HURRY,
            Self::Pending(_) | Self::SignedIn(_) => shared.timing.auth,
        }
    }
}
