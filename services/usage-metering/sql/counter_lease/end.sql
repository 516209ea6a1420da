delete from counter_leases where id = $1
