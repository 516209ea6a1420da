//! Admission, the usage ledger, request logs, what people read of them.
