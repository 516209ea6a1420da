//! Identity through its handle, on every database that the tests have: SQLite always, PostgreSQL where
//! `PERPETUO_TEST_DATABASE_URL` names a server. The workspace service is a fake; time is a clock that tests move.

mod app;
mod bounds;
mod device;
mod directory;
mod domains;
mod erasure;
mod fake;
mod github;
mod impersonation;
mod issuer;
mod keys;
mod letters;
mod linked;
mod login;
mod mfa;
mod operators;
mod passkey_faults;
mod passkeys;
mod post;
mod profile;
mod refresh;
mod repeats;
mod rotation;
mod sessions;
mod sign_in;
mod sign_in_faults;
mod sign_up;
mod sign_ups;
mod throttle;
mod timing;
mod tokens;
mod world;
