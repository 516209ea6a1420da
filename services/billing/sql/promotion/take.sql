-- Nothing where it is used up, switched off, or its time is over.
update promotion_codes set times_redeemed = times_redeemed + 1
where promotion_code_id = $1 and is_active and (max_redemptions is null or times_redeemed < max_redemptions)
    and (expires_at is null or expires_at > $2)
