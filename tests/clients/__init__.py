"""Published clients against the daemon: the WorkOS packages, scim2-tester, openssl, curl, sqlite3."""
