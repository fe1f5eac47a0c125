"""Quotes a bill of 10.00 yuan, pays it, and pays it again under the same name."""

import os
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../sdk/python"))

from tongka import API  # noqa: E402

api = API(os.environ["TONGKA_URL"], os.environ["TONGKA_KEY"])
quote = api.post("/v1/quotes", {"card": os.environ["TONGKA_CARD"], "amount": 1000})
name = "python-%d" % time.time_ns()  # a shop uses the order's number
paid = api.post("/v1/consumes", {"quote": quote["token"]}, once=name)
assert api.post("/v1/consumes", {"quote": quote["token"]}, once=name) == paid
print("paid 1000, left %d, again the same" % paid["balance"]["total"])
