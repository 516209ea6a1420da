-- Of processes that are no more. What was used of theirs is looked for as long as a month's quota may need it.
delete from counter_leases where until < $1 or used = false and until < $2
