//! One SQL text, two databases; transactions with a workspace; sealed values; outboxes.
