select metric, day, value from outcomes where execution_id = $1 order by metric, day
