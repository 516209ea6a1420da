"""GET over HTTP/3: prints the status, and the body on the lines after it."""

import asyncio
import sys

from aioquic.asyncio.client import connect
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import DataReceived, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration


class Client(QuicConnectionProtocol):
    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.http = H3Connection(self._quic)
        self.ended = asyncio.get_running_loop().create_future()
        self.headers = {}
        self.body = b""

    def quic_event_received(self, event):
        for part in self.http.handle_event(event):
            if isinstance(part, HeadersReceived):
                self.headers.update(part.headers)
            if isinstance(part, DataReceived):
                self.body += part.data
            if getattr(part, "stream_ended", False) and not self.ended.done():
                self.ended.set_result(None)

    async def get(self, host, path):
        stream = self._quic.get_next_available_stream_id()
        pseudo = {":method": "GET", ":scheme": "https", ":authority": host, ":path": path}
        headers = [(name.encode(), value.encode()) for name, value in pseudo.items()]
        self.http.send_headers(stream, headers, end_stream=True)
        self.transmit()
        await asyncio.wait_for(self.ended, 10)


async def main(host, port, path, authority):
    configuration = QuicConfiguration(is_client=True, alpn_protocols=H3_ALPN, server_name=host)
    configuration.load_verify_locations(authority)
    async with connect("127.0.0.1", int(port), configuration=configuration, create_protocol=Client) as client:
        await client.get(host, path)
        print(client.headers[b":status"].decode())
        print(client.body.decode())


asyncio.run(main(*sys.argv[1:]))
