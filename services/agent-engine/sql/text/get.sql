select body from texts where hash = $1
