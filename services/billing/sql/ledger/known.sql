select source from ledger_transactions where workspace_id = $1 and source = $2
