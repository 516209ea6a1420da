-- Whoever looks at the row after this sees what it will be until the end of the transaction.
update counter_epoch set epoch = epoch where id = 1
