delete from webhook_attempts where delivery_id = $1
