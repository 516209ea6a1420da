select phase, epoch, cancel_requested_at, is_doomed, finished_at from executions where id = $1
