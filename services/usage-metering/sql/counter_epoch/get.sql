select installation, epoch, lost_at from counter_epoch where id = 1
