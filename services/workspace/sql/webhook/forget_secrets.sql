-- What signs no more is kept no longer.
update webhooks set sealed_before = null, before_until = null where before_until <= $1
