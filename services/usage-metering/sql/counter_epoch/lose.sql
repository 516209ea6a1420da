update counter_epoch set epoch = $1, lost_at = $2 where id = 1
