//! Connection permits: so many altogether, so many from one address.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The permits of one listener.
#[derive(Debug, Clone)]
pub struct Permits {
    total: Arc<Semaphore>,
    by_address: Arc<Mutex<HashMap<IpAddr, usize>>>,
    per_address_max: usize,
}

/// One of the connections altogether; gives its place back when dropped.
#[derive(Debug)]
pub struct TotalPermit {
    _permit: Option<OwnedSemaphorePermit>,
}

/// One of the connections of an address; gives its place back when dropped.
#[derive(Debug)]
pub struct AddressPermit {
    by_address: Arc<Mutex<HashMap<IpAddr, usize>>>,
    address: IpAddr,
}

impl Permits {
    pub fn new(total_max: usize, per_address_max: usize) -> Self {
        let total = Arc::new(Semaphore::new(total_max.min(Semaphore::MAX_PERMITS)));
        Self { total, by_address: Arc::default(), per_address_max }
    }

    /// Waits for one of all the places. Taken before accepting: what finds no place waits in the
    /// kernel's queue, where it costs us nothing.
    pub async fn total(&self) -> TotalPermit {
        // The semaphore is never closed, so there is always a permit in the end.
        TotalPermit { _permit: Arc::clone(&self.total).acquire_owned().await.ok() }
    }

    /// A place for this address, if it has one left.
    pub fn address(&self, address: IpAddr) -> Option<AddressPermit> {
        let address = counted_address(address);
        let mut by_address = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        let count = by_address.entry(address).or_insert(0);
        if self.per_address_max <= *count {
            return None;
        }
        *count += 1;
        Some(AddressPermit { by_address: Arc::clone(&self.by_address), address })
    }
}

impl Drop for AddressPermit {
    fn drop(&mut self) {
        let mut by_address = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                by_address.remove(&self.address);
            }
        }
    }
}

/// One subscriber has a whole IPv6 /64, so that is what counts as one address.
fn counted_address(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn an_address_gets_its_number_of_places_and_no_more() {
        let permits = Permits::new(10, 2);
        let address = |text: &str| permits.address(text.parse().unwrap());
        let first = address("192.0.2.1").unwrap();
        let _second = address("::ffff:192.0.2.1").unwrap();
        assert!(address("192.0.2.1").is_none());
        assert!(address("192.0.2.2").is_some());
        drop(first);
        assert!(address("192.0.2.1").is_some());
    }

    #[test]
    fn an_ipv6_network_of_64_bits_counts_as_one_address() {
        let permits = Permits::new(10, 1);
        let _permit = permits.address("2001:db8::1".parse().unwrap()).unwrap();
        assert!(permits.address("2001:db8::ffff".parse().unwrap()).is_none());
        assert!(permits.address("2001:db8:0:1::1".parse().unwrap()).is_some());
    }

    #[tokio::test]
    async fn the_place_after_the_last_waits_until_one_is_given_back() {
        let permits = Permits::new(1, 1);
        let first = permits.total().await;
        let mut second = Box::pin(permits.total());
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(second.as_mut().poll(&mut context).is_pending());
        drop(first);
        second.await;
    }
}
