select secret, created_at, confirmed_at
from totp_factors
where user_id = $1
