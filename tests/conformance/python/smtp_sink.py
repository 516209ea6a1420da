"""A real SMTP server that keeps what it is given: smtp_sink.py PORT DIRECTORY.

Each letter becomes one file DIRECTORY/<n>.json with its recipient, subject, files that are text, and both parts as a mail
program shows them. While DIRECTORY/busy exists it answers 451, as a server that is overloaded does.
"""

import asyncio
import email
import email.policy
import json
import pathlib
import sys

from aiosmtpd.controller import Controller


class Keep:
    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.count = 0

    async def handle_DATA(self, server, session, envelope):
        if (self.directory / "busy").exists():
            (self.directory / "refused").touch()
            return "451 try again later"
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        part = lambda kind: message.get_body(preferencelist=(kind,)).get_content()
        letter = {
            "to": envelope.rcpt_tos,
            "from": message["From"],
            "subject": message["Subject"],
            "id": message["Message-ID"],
            "text": part("plain"),
            "html": part("html"),
            "files": {file.get_filename(): file.get_content() for file in message.iter_attachments()},
        }
        self.count += 1
        path = self.directory / f"{self.count}.json"
        path.with_suffix(".part").write_text(json.dumps(letter))
        path.with_suffix(".part").rename(path)
        return "250 OK"


if __name__ == "__main__":
    controller = Controller(Keep(sys.argv[2]), hostname="127.0.0.1", port=int(sys.argv[1]))
    controller.start()
    print("ready", flush=True)
    asyncio.new_event_loop().run_forever()
