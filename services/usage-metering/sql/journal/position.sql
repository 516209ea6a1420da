select position from journal_position where id = 1
