"""Quotes a bill of 10.00 yuan, pays it, and pays it again under the same name."""

import os
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../sdk/python"))

from tongka import API  # noqa: E402

api = API(os.environ["API_URL"], os.environ["API_KEY"])
quote = api.post("/v1/quotes", {"card": os.environ["API_CARD"], "amount": 1000})
name = "python-%d" % time.time_ns()  # a shop uses the order's number
paid = api.post("/v1/consumes", {"quote": quote["token"]}, once=name)
assert api.post("/v1/consumes", {"quote": quote["token"]}, once=name) == paid
bill = paid["entry"]["bill"]  # what is due the guest pays in another way
left = paid["balance"]["total"]
print("the card paid %d, due %d, left %d, again the same" % (bill["by_card"], bill["due"], left))
