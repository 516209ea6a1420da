-- Hours that nobody asks about any more.
delete from usage_anomalies
where at < $1
