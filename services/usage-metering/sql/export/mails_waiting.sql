-- For operators. What is to be delivered is few.
select count(*) from exports where delivery = 'waiting' and status = 'done' and destination like '%"type":"email"%'
