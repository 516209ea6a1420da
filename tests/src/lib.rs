//! The harness of the black-box suites.
