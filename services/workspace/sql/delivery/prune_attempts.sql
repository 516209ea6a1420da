delete from webhook_attempts where delivery_id in (select d.delivery_id from webhook_deliveries d where d.created_at <= $1)
