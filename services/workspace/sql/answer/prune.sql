delete from answers where until <= $1
