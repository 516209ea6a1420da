update promotion_codes set times_redeemed = times_redeemed - 1 where promotion_code_id = $1 and times_redeemed > 0
