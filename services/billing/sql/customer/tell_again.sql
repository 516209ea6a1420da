update customers set credits_told = 0 where credits_told > 0
