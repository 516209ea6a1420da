-- Nobody adds to sums that are being made again; who wants to waits for the commit.
lock table usage_quarters, usage_minutes, usage_spans in share row exclusive mode
