//! Tenants, members, roles, provider credentials, settings, audit.
