//! People and credentials: passwords, sessions, tokens, API keys.
