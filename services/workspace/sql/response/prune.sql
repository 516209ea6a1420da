delete from responses where until <= $1
