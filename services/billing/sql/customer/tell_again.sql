update customers set credits_told = 0, credits_try_at = null where credits_told > 0
