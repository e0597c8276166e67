//! Permits for reading large request bodies.

use std::{net::IpAddr, sync::Arc};

use crate::quota::{AddressQuota, AddressTicket, Overloaded};

/// Permits for large bodies. A client that stops half-way occupies memory until its timeout, so the number of permits
/// bounds the memory. Cheap to clone.
#[derive(Clone, Debug)]
pub struct LargeBodies(Arc<AddressQuota>);

impl LargeBodies {
    /// This many permits in total, a quarter of them per address; 0: unlimited.
    pub fn new(limit: u32) -> Self {
        Self(Arc::new(AddressQuota::new(limit, limit.div_ceil(4))))
    }

    /// A permit for a body from an address, held until dropped.
    ///
    /// # Errors
    /// When none is left, in total or for the address.
    pub(crate) fn take(&self, address: IpAddr) -> Result<AddressTicket, Overloaded> {
        self.0.take(Some(address))
    }
}
