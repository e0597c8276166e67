//! The limits that an open socket counts against.

use std::{net::IpAddr, time::Duration};

use super::opener::OpenerIdentity;
use crate::{
    quota::{AddressTicket, Ticket},
    realtime::{Counters, RealtimeContext},
};

/// Factor by which the time to sign in shrinks when many sockets are pending.
const CROWDED_DIVISOR: u32 = 5;

/// The slot of a socket at its address.
pub(super) enum SocketSlot {
    /// The opener is known.
    SignedIn(#[expect(dead_code, reason = "it counts until it is dropped")] Ticket<IpAddr>),
    /// The opener has shown no valid credentials yet.
    Pending(AddressTicket),
}

impl SocketSlot {
    /// Takes a slot for a socket of an address, if one is free.
    pub(super) fn take(shared: &RealtimeContext, address: IpAddr, identity: &OpenerIdentity) -> Option<Self> {
        let slot = match identity {
            OpenerIdentity::Known(_) => shared.addresses.take(address).map(Self::SignedIn),
            OpenerIdentity::Invalid | OpenerIdentity::Pending | OpenerIdentity::Unavailable => {
                shared.pending.take(Some(address)).map(Self::Pending).ok()
            }
        };
        if slot.is_none() {
            Counters::add(&shared.counters.closed_crowded, 1);
            let limit =
                if matches!(identity, OpenerIdentity::Known(_)) { "SOCKETS_PER_ADDRESS" } else { "PENDING_SOCKETS" };
            tracing::warn!(%address, "refused a socket: LOCKSTEP_{limit} are open (behind a proxy, see LOCKSTEP_TRUSTED_PROXY)");
        }
        slot
    }

    /// How long the opener may take to sign in.
    pub(super) fn auth_timeout(&self, shared: &RealtimeContext) -> Duration {
        match self {
            Self::Pending(ticket) if ticket.crowded => shared.timing.auth / CROWDED_DIVISOR,
            Self::Pending(_) | Self::SignedIn(_) => shared.timing.auth,
        }
    }
}
