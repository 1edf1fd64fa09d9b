//! Random credentials for one run of an upstream.

use aws_lc_rs::rand;

/// That many random bytes in hexadecimal digits.
pub fn hex(bytes: usize) -> String {
    let mut filled = vec![0; bytes];
    fill(&mut filled);
    filled.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn number() -> u64 {
    let mut filled = [0; 8];
    fill(&mut filled);
    u64::from_le_bytes(filled)
}

fn fill(bytes: &mut [u8]) {
    assert!(rand::fill(bytes).is_ok(), "the system gives no random bytes");
}
