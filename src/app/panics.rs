//! A panic says where it happened, never what it was about: that could hold personal data.

use tracing::error;

/// From here on panics are logged by their place alone.
pub fn log_place_alone() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        let thread = std::thread::current();
        error!(place, thread = thread.name().unwrap_or("unnamed"), "a broken invariant was found");
    }));
}
