select position from feed_positions where source = $1
