//! All outbound HTTP: the address guard, deadlines, traces.
