update plans set credits_told = true where name = $1 and version = $2
