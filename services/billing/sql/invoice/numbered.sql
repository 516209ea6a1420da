insert into invoice_numbers (series, next) values ($1, 2)
on conflict (series) do update set next = invoice_numbers.next + 1
returning next - 1 as number
