//! How much room the disk has: writes stop while there is still enough to recover.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tracing::{error, info};

/// How long an answer of the file system is believed.
const BELIEVED: Duration = Duration::from_secs(1);

pub struct Room {
    folder: PathBuf,
    bytes_min: u64,
    looked: Option<Instant>,
    is_enough: bool,
}

impl Room {
    pub fn new(file: &Path, bytes_min: u64) -> Self {
        let folder = file.parent().unwrap_or(Path::new("/")).to_owned();
        Self { folder, bytes_min, looked: None, is_enough: true }
    }

    /// Whether the disk has the room that a write needs.
    pub fn is_enough(&mut self) -> bool {
        if self.bytes_min == 0 || self.looked.is_some_and(|looked| looked.elapsed() < BELIEVED) {
            return self.is_enough;
        }
        self.looked = Some(Instant::now());
        // A file system that can't say is no reason to stop.
        let free = rustix::fs::statvfs(&self.folder).map_or(u64::MAX, |found| found.f_bavail * found.f_frsize);
        let is_enough = self.bytes_min <= free;
        match (self.is_enough, is_enough) {
            (true, false) => error!(free, min = self.bytes_min, "the disk is nearly full: writes are refused until there is room"),
            (false, true) => info!(free, "the disk has room again"),
            (true, true) | (false, false) => {}
        }
        self.is_enough = is_enough;
        is_enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_enough_up_to_the_minimum() {
        let file = Path::new("/tmp/rosterd.db");
        assert!(Room::new(file, 0).is_enough());
        assert!(Room::new(file, 1).is_enough());
        assert!(!Room::new(file, u64::MAX).is_enough());
    }
}
