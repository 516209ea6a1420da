select until, used from counter_leases where id = $1
