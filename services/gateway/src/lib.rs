//! Models and providers: the request path.
