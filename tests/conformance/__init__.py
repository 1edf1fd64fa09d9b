"""Black-box conformance by RFC section; can be pointed at any SCIM server through SCIM_URL."""
