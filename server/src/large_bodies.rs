//! Places for long bodies of requests.

use std::{net::IpAddr, sync::Arc};

use crate::quota::{AddressQuota, AddressTicket, Overloaded};

/// Places for long bodies. A client that stops half-way keeps what it has sent in memory until its time is up, so the
/// number of them bounds the memory. Cheap to clone.
#[derive(Clone, Debug)]
pub struct LargeBodies(Arc<AddressQuota>);

impl LargeBodies {
    /// So many in all, and a quarter of them for one address; 0: any number.
    pub fn new(limit: u32) -> Self {
        Self(Arc::new(AddressQuota::new(limit, limit.div_ceil(4))))
    }

    /// A place for a body from an address, until what is returned is dropped.
    ///
    /// # Errors
    /// When there is none left, in all or for the address.
    pub(crate) fn take(&self, address: IpAddr) -> Result<AddressTicket, Overloaded> {
        self.0.take(Some(address))
    }
}
