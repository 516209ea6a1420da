-- One after the other, until the transaction ends.
insert into redemption_gate (gate, entries) values (1, 1)
on conflict (gate) do update set entries = redemption_gate.entries + 1
