"""An account's endpoint: receives webhook requests, and verifies each signature independently of our code.

The receiver's side of Standard Webhooks, as the README shows it to integrators.
"""

import base64
import hashlib
import hmac
import http.server
import json
import os
import ssl
import threading
import time


class Receiver:
    """Listens on loopback until the process ends, over TLS with the test's certificate."""

    def __init__(self):
        self.secret, self.heard = None, []
        receiver = self

        class Endpoint(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                receiver.heard.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(os.environ["CERTIFICATE"], os.environ["CERTIFICATE_KEY"])
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.url = f"https://127.0.0.1:{server.server_address[1]}/envol"

    def kinds(self):
        """The types of the received events that are signed with the secret, each event once."""
        believed = [(headers["webhook-id"], body) for headers, body in self.heard if self.believes(headers, body)]
        return sorted(json.loads(body)["type"] for body in dict(believed).values())

    def believes(self, headers, body):
        signed = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        is_recent = abs(time.time() - int(headers["webhook-timestamp"])) < 300
        return is_recent and any(hmac.compare_digest(expected, one) for one in headers["webhook-signature"].split(" "))
