"""Pays a bill of 10.00 yuan, and waits until it is told of that by a webhook whose signature is right."""

import http.server
import os
import queue
import sys
import threading
import time
import urllib.parse

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../sdk/python"))

from tongka import API, WebhookError, verify_webhook  # noqa: E402

events = queue.Queue()


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            event = verify_webhook(os.environ["HOOK_SECRET"], dict(self.headers), body)
        except WebhookError as e:
            return self.send_error(400, str(e))
        events.put(event)  # a shop keeps the id, and drops what it has seen
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


at = urllib.parse.urlsplit(os.environ["HOOK_URL"])
server = http.server.ThreadingHTTPServer((at.hostname, at.port), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()

api = API(os.environ["API_URL"], os.environ["API_KEY"])
quote = api.post("/v1/quotes", {"card": os.environ["API_CARD"], "amount": 1000})
paid = api.post("/v1/consumes", {"quote": quote["token"]}, once="python-hook-%d" % time.time_ns())
while True:
    event = events.get(timeout=60)
    if event["data"]["id"] == paid["entry"]["id"]:
        break
bill = paid["entry"]["bill"]  # what is due the guest pays in another way
print("the card paid %d, due %d, verified %s %s" % (bill["by_card"], bill["due"], event["type"], event["id"]))
