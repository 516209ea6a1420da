update promotion_codes set is_active = $2 where promotion_code_id = $1 and is_active <> $2
