"""An authenticator app: reads an otpauth address, and says what it reads and shows, now and half a minute later."""

import json
import sys
import time

import pyotp

app = pyotp.parse_uri(sys.argv[1])
now = int(time.time())
print(
    json.dumps(
        {"issuer": app.issuer, "name": app.name, "secret": app.secret, "now": app.at(now), "next": app.at(now + 30)}
    )
)
