-- Processes that may still admit from what they held before data was lost.
select count(*) as n from counter_leases where epoch <> $1 and until > $2
