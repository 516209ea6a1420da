update executions
set input_tokens = input_tokens + $3, output_tokens = output_tokens + $4, replies = replies + 1
where id = $1 and epoch = $2
