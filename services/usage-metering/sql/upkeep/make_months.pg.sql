-- The partitions of this month and the two that follow.
select make_months($1, 3)
