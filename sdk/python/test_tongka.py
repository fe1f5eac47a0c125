"""Tests the client against a server of `tongka demo`, whose address is the first argument. The second one is a key of
its merchant 10000 that may do everything; without it what the demo's own token may not do is left out."""

import os
import sys
import time
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import tongka  # noqa: E402

BASE = sys.argv.pop(1) if len(sys.argv) > 1 else "http://127.0.0.1:8080"
KEY = sys.argv.pop(1) if len(sys.argv) > 1 else ""
GUID = "{DEFAULT-AUTO-8E5A-BDE2-34ABA1BD956C9}"


class NativeAPI(unittest.TestCase):
    def setUp(self):
        self.api = tongka.API(BASE, "test", merchant=10000)

    def test_a_quoted_bill_is_paid_once(self):
        quote = self.api.post("/v1/quotes", {"card": "wx001", "amount": 1000})
        paid = self.api.post("/v1/consumes", {"quote": quote["token"]}, once="python-%d" % time.time_ns())
        self.assertEqual(paid["balance"], quote["after"])

    def test_several_cards_pay_one_bill(self):
        name = "python-%d" % time.time_ns()
        bill = {"cards": [{"card": "wx001", "amount": 600}, {"card": "M000123"}], "amount": 1000, "no_discount": 1000}
        quote = self.api.post("/v1/quotes", bill)
        self.assertEqual([card["paid"] for card in quote["cards"]], [600, 400])
        paid = self.api.post("/v1/consumes", {"quote": quote["token"]}, once=name)
        self.assertEqual([card["amount"] for card in paid["cards"]], [600, 400])
        back = self.api.post("/v1/refunds", {"cards": ["wx001", "M000123"], "request": name})
        self.assertEqual([card["amount"] for card in back["cards"]], [600, 400])

    def test_the_same_name_does_it_once(self):
        name = "python-%d" % time.time_ns()
        body = {"card": "wx001", "amount": 100}
        first = self.api.post("/v1/consumes", body, once=name)
        self.assertEqual(self.api.post("/v1/consumes", body, once=name), first)
        with self.assertRaises(tongka.Problem) as refused:
            self.api.post("/v1/consumes", {"card": "wx001", "amount": 200}, once=name)
        self.assertEqual(refused.exception.code, "idempotency_key_reused")

    def test_a_dry_run_does_nothing(self):
        before = self.api.get("/v1/cards/wx001")["balance"]
        self.api.post("/v1/consumes", {"card": "wx001", "amount": 100}, dry_run=True)
        self.assertEqual(self.api.get("/v1/cards/wx001")["balance"], before)

    def test_wrong_fields_are_named(self):
        with self.assertRaises(tongka.Problem) as refused:
            self.api.post("/v1/recharges", {"card": "wx001", "amount": 0})
        fields = [e["field"] for e in refused.exception.errors]
        self.assertIn("body.amount", fields)

    def test_nobody_answers(self):
        dead = tongka.API("http://127.0.0.1:1", "test", tries=1)
        with self.assertRaises(OSError):
            dead.post("/v1/consumes", {"card": "wx001", "amount": 100})


@unittest.skipUnless(KEY, "needs a key")
class NativeAPIWithAKey(unittest.TestCase):
    def setUp(self):
        self.api = tongka.API(BASE, KEY)

    def test_lists_and_flags(self):
        self.api.post("/v1/recharges", {"card": "wx001", "amount": 1000, "pay_type": 1})
        kinds = {entry["kind"] for entry in self.api.entries(0, {"kind": ["recharge", "consume"]}, limit=200)}
        self.assertEqual(kinds, {"recharge", "consume"})
        self.assertTrue(self.api.get("/v1/cards", {"limit": 2})["cards"])
        self.assertIn("coupons", self.api.get("/v1/cards/wx001/coupons", unused=True))

    def test_events_go_on_where_they_stood(self):
        pages = list(self.api.events(0, type=["consume"], limit=200))
        self.assertEqual({event["type"] for page in pages for event in page["events"]}, {"consume"})
        self.api.post("/v1/consumes", {"card": "wx001", "amount": 100})
        self.assertIn("consume", [e["type"] for page in self.api.events(pages[-1]["next"]) for e in page["events"]])

    def test_files_go_both_ways(self):
        job = self.api.upload("/v1/imports", "卡号,姓名\nPY0001,王小二\n".encode(), "text/csv", query={"name": "a.csv", "level": 1})
        self.assertTrue(self.ended("/v1/imports/" + job["id"])["result"])
        job = self.ended("/v1/exports/" + self.api.post("/v1/exports", {"format": "csv"})["id"])
        self.assertIn(b"wx001", self.api.download("/v1/exports/%s/file" % job["id"]))

    def ended(self, path):
        for _ in range(300):
            job = self.api.get(path)
            if job["state"] not in ("waits", "runs"):
                break
            time.sleep(0.1)
        self.assertEqual(job["state"], "done")
        return job


class Wires(unittest.TestCase):
    def test_member_cjb(self):
        till = tongka.Sandy(BASE, "test", GUID)
        paid = till.call("consume", {"card_id": "wx001", "money": 1.5}, once="python-cjb-%d" % time.time_ns())
        self.assertEqual(paid["card_id"], "wx001")
        with self.assertRaises(tongka.Refused) as refused:
            till.call("getcardinfo", {"card_id": "nobody"})
        self.assertEqual(refused.exception.code, "2")

    def test_dc78(self):
        shop = tongka.DC78(BASE, 10021, "b77217c91f9d0f5670de0dfab0e75378176d6c2e")
        self.assertEqual(str(shop.call("co_delist", {})["status"]), "1")
        wrong = tongka.DC78(BASE, 10021, "wrong")
        with self.assertRaises(tongka.Refused):
            wrong.call("co_delist", {})


if __name__ == "__main__":
    unittest.main()
