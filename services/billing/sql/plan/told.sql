update plans set told = $3 where name = $1 and version = $2 and told < $3
