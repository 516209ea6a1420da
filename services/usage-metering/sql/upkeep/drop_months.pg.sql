-- Whole months of a table that ended before a time.
select drop_months($1, $2) as dropped
