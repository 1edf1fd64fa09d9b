"""Many callers at once: what must happen once happens once, and nothing that was acknowledged is lost."""
