"""Client of Tongka: the native API (/v1), both wires of tills, and the check of webhooks.

It needs nothing but the standard library of Python 3.9 or later.

    from tongka import API
    api = API("https://card.example.com", "tk_...")
    quote = api.post("/v1/quotes", {"card": "6001", "amount": 10000})
    receipt = api.post("/v1/consumes", {"quote": quote["token"]}, once="order-4711")

What moves value is named (`once`), and sent again under the same name until it is known what became of it, so nothing
is charged twice. Amounts are integers in fen.
"""

import base64
import hashlib
import hmac
import http.client
import json
import random
import secrets
import time
import urllib.error
import urllib.parse
import urllib.request

__all__ = ["API", "Sandy", "DC78", "Problem", "Refused", "Unsure", "verify_webhook", "WebhookError"]

_FIRST_PAUSE = 0.25  # seconds, doubled after each try, with a random part of up to half
_LONGEST_PAUSE = 30.0  # if the server wants a longer one, the request is not repeated
_MOST_BYTES = 64 << 20  # twice the largest file that the API takes
_PROVES_NOTHING = (401, 403, 408, 429)  # found before the server looks at the name of a request
_LEAST_KEY = 16  # bytes of a webhook's secret: anybody can sign with an empty one


class Problem(Exception):
    """The API refused. `code` never changes; `detail` is for people; `errors` says which fields are wrong."""

    def __init__(self, status, body):
        self.status = status
        self.body = body if isinstance(body, dict) else {}
        self.code = self.body.get("code", "")
        self.detail = self.body.get("detail", "")
        self.errors = self.body.get("errors", [])
        self.request_id = self.body.get("request_id", "")
        super().__init__("%d %s: %s" % (status, self.code, self.detail))


class Refused(Exception):
    """A wire of tills refused, with its own code and text."""

    def __init__(self, status, code, text):
        self.status, self.code, self.text = status, code, text
        super().__init__("%s %s" % (code, text))


class Unsure(Exception):
    """It is not known whether it was done. Ask again under the same name, at any later time."""

    def __init__(self, once, cause):
        self.once, self.cause = once, cause
        super().__init__("open whether %r was done: %s" % (once, cause))


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Neither a key nor a bill goes to another address."""

    def redirect_request(self, *_args, **_kwargs):
        return None


class _Exchange:
    """Sends requests, and repeats those that may be repeated."""

    def __init__(self, base_url, timeout, tries):
        parts = urllib.parse.urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError("want a base URL like https://card.example.com, got %r" % base_url)
        self.base_url, self.timeout, self.tries = base_url.rstrip("/"), timeout, tries
        self._opener = urllib.request.build_opener(_NoRedirect)

    def run(self, make, repeatable, file=False):
        """Returns the last answer. A success is JSON, or a file."""
        is_open = False
        for n in range(self.tries):
            try:
                reply = self._send(make())
            except (urllib.error.URLError, http.client.HTTPException, OSError) as err:
                reply = _Reply(failure=err)
                unsent = isinstance(getattr(err, "reason", err), ConnectionRefusedError)
                is_open = is_open or not unsent
                again = unsent or repeatable
            else:
                unknown = reply.failed() or not file and reply.unreadable()
                is_open = is_open or unknown
                again = reply.undone() or reply.busy() or (repeatable and unknown)
            pause = _FIRST_PAUSE * 2**n
            pause = max(pause * (1 + random.random() / 2), reply.wait())
            if not again or n == self.tries - 1 or pause > _LONGEST_PAUSE:
                break
            time.sleep(pause)
        reply.is_open = is_open
        return reply

    def _send(self, request):
        try:
            with self._opener.open(request, timeout=self.timeout) as answer:
                body = answer.read(_MOST_BYTES + 1)
                length = answer.headers.get("Content-Length", "")
                if length.isascii() and length.isdigit() and len(body) < min(int(length), _MOST_BYTES + 1):
                    raise http.client.IncompleteRead(body, int(length) - len(body))
                if len(body) > _MOST_BYTES:
                    raise http.client.HTTPException("the answer is longer than %d bytes" % _MOST_BYTES)
                return _Reply(answer.status, answer.headers, body)
        except urllib.error.HTTPError as err:
            with err:
                return _Reply(err.code, err.headers, err.read(_MOST_BYTES))


class _Reply:
    """An answer, or why there was none. `is_open` says that some try leaves open what was done."""

    def __init__(self, status=0, headers=None, body=b"", failure=None):
        self.status, self.headers, self.body, self.failure = status, headers or {}, body, failure
        self.is_open = False
        self.answer = _json(body)
        kind = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        self.is_problem = kind == "application/problem+json"
        # What somebody between answers has no code of the API's, whatever it looks like.
        self.problem = Problem(status, self.answer if self.is_problem else None)

    def good(self):
        return self.failure is None and 200 <= self.status < 300

    def unreadable(self):
        return self.good() and self.answer is None

    def failed(self):
        """Says whether the status says nothing of what was done: that of a failure, or a 408 of somebody between, who
        may have waited for the server."""
        if self.status == 408:
            return not self.is_problem
        return self.status >= 500 and not self.undone()

    def undone(self):
        """Says whether the server itself answers that this try did nothing. A 503 of a proxy has another body."""
        return self.status == 503 and (self.is_problem or "本次未处理".encode() in self.body)

    def busy(self):
        """Says whether there are too many requests just now. Any other 429, like that for a password that was wrong
        too often, stays one however soon it is asked again."""
        return self.status == 429 and (bool(self.headers.get("Retry-After")) or self.problem.code == "rate_limited")

    def wait(self):
        value = self.headers.get("Retry-After", "")
        return float(value) if value.isascii() and value.isdigit() else 0.0


def _json(body):
    try:
        return json.loads(body)
    except ValueError:
        return None


def _query(*mappings):
    """The text of a query. A list is one text with commas: of a name that stands twice the API takes one value."""
    def text(value):
        if isinstance(value, (list, tuple)):
            return ",".join(map(text, value))
        return str(value).lower() if isinstance(value, bool) else str(value)

    named = {name: text(value) for mapping in mappings for name, value in (mapping or {}).items() if value is not None}
    return "?" + urllib.parse.urlencode(named) if named else ""


class API:
    """The native API. `key` is a key of one merchant; `merchant` is needed for an agent of several."""

    def __init__(self, base_url, key, merchant=None, language="en", timeout=30, tries=4):
        self._exchange = _Exchange(base_url, timeout, tries)
        self._headers = {"Authorization": "Bearer " + key, "Accept-Language": language, "Accept": "application/json"}
        if merchant is not None:
            self._headers["Tongka-Merchant"] = str(merchant)

    def get(self, path, query=None, **more):
        """Reads. What is asked for stands in a mapping, like {"from": "2026-03-01"}, or by name. Raises Problem if it
        is refused."""
        return self.request("GET", path + _query(query, more))

    def post(self, path, body, once=None, dry_run=False):
        """Does something, under the name `once`; one is drawn if there is none. Quotations need no name."""
        return self.request("POST", path, body, once, dry_run)

    def upload(self, path, data, content_type, once=None, query=None):
        """Sends a file, as bytes, under the name `once`, like /v1/imports with {"name": "cards.csv"}."""
        return self.request("POST", path + _query(query), data, once, content_type=content_type)

    def download(self, path):
        """Reads a file, like that of /v1/exports/{id}/file, and returns its bytes."""
        return self._run("GET", path, headers={"Accept": "*/*"}, file=True).body

    def request(self, method, path, body=None, once=None, dry_run=False, version=None, content_type=None):
        """Sends any request. Returns the answer; raises Problem, or Unsure if it is open what was done. What has a
        version, such as the settings, is changed with the one that was read. With a content type the body is bytes."""
        if dry_run:
            path += ("&" if "?" in path else "?") + "dry_run=true"
        acts = method != "GET" and path != "/v1/quotes" and not dry_run
        if acts and once is None:
            once = secrets.token_hex(16)
        if body is not None and content_type is None:
            body, content_type = json.dumps(body).encode(), "application/json"
        headers = {"Content-Type": content_type, "Idempotency-Key": once,
                   "If-Match": None if version is None else '"%d"' % version}
        return self._run(method, path, body, headers, once if acts else None).answer

    def _run(self, method, path, data=None, headers=None, acts=None, file=False):
        headers = {**self._headers, **{name: value for name, value in (headers or {}).items() if value is not None}}

        def make():
            return urllib.request.Request(self._exchange.base_url + path, data=data, method=method, headers=headers)

        reply = self._exchange.run(make, True, file)
        if reply.good() and (file or reply.answer is not None):
            return reply
        proves = reply.problem.code and reply.status // 100 == 4 and reply.status not in _PROVES_NOTHING
        if acts is not None and reply.is_open and not proves:
            raise Unsure(acts, reply.failure or reply.problem)
        raise reply.failure or reply.problem

    def entries(self, after=0, query=None, **more):
        """Yields the merchant's journal from there to its end, each entry once."""
        for page in self._pages("/v1/entries", after, query, more):
            yield from page["entries"]

    def events(self, after=0, query=None, **more):
        """Yields pages of what happened behind an entry, 0 = from the first, up to now. Whoever keeps `next` of a page
        when all of its `events` are done, and begins there again, gets each once and misses none."""
        return self._pages("/v1/events", after, query, more)

    def _pages(self, path, after, *queries):
        while True:
            page = self.get(path + _query(*queries, {"after": after}))
            yield page
            after = page["next"]
            if not page["more"]:
                return


class Sandy:
    """The member-cjb wire."""

    def __init__(self, base_url, token, guid, timeout=30, tries=4):
        self._exchange = _Exchange(base_url, timeout, tries)
        self._headers = {"AUTHORIZATION": token, "CUSTOMERGUID": guid}

    def call(self, endpoint, body=None, once=None):
        """Calls an endpoint, like "consume". What changes something has a request id: `once`, or a new one."""
        data = None
        if body is not None:
            body = dict(body)
            body["request_id"] = once = once or body.get("request_id") or secrets.token_hex(16)
            data = json.dumps(body).encode()

        def make():
            method = "GET" if data is None else "POST"
            request = urllib.request.Request(
                self._exchange.base_url + "/api2/member-cjb/" + endpoint, data=data, method=method,
                headers=dict(self._headers))
            if data is not None:
                request.add_header("Content-Type", "application/json; charset=utf-8")
            return request

        reply = self._exchange.run(make, True)
        answer = reply.answer
        if reply.good() and answer is not None and not _refusal(answer):
            return answer
        error, is_open = reply.failure, reply.is_open
        if error is None and _refusal(answer):
            error = Refused(reply.status, str(answer["errcode"]), str(answer.get("errmsg", "")))
            is_open = is_open or error.code == "500"
        error = error or Refused(reply.status, "", "HTTP %d" % reply.status)
        proves = isinstance(error, Refused) and error.code not in ("", "500", "300") and error.status < 300
        if once and is_open and not proves:
            raise Unsure(once, error)
        raise error


def _refusal(answer):
    return isinstance(answer, dict) and "errcode" in answer


class DC78:
    """The dc78 wire. The clock must be right within five minutes."""

    # Actions that change nothing, and those that are carried out once for each ref.
    LOOKS = ("mb_check", "co_delist")
    ONCE = ("mb_trans", "mb_refund", "mb_state", "mb_pttrans", "mb_vericode", "mb_newcard", "mb_renew", "mb_invoice",
            "co_send")

    def __init__(self, base_url, msid, key, timeout=30, tries=4):
        self._exchange = _Exchange(base_url, timeout, tries)
        self.msid, self._key = str(msid), key.encode()

    def call(self, action, get, post=None):
        """Carries out an action. `get` is signed; with a ref in it, most actions are carried out once."""
        get = {name: str(value) for name, value in get.items()}
        tail = ""
        if post is not None:
            raw = json.dumps(post)
            get["post_sha256"] = hashlib.sha256(raw.encode()).hexdigest()
            tail = ',"post":' + raw
        head = json.dumps({"action": {"action": action}, "get": get})
        data = (head[:-1] + tail + "}").encode()

        def make():
            at, nonce = str(int(time.time())), secrets.token_hex(16)
            lines = [action, self.msid, at, nonce] + ["%s=%s" % (name, get[name]) for name in sorted(get)]
            signed = hmac.new(self._key, "\n".join(lines).encode(), hashlib.sha256).hexdigest()
            query = urllib.parse.urlencode({"msid": self.msid, "timestamp": at, "nonce": nonce, "sign": signed})
            return urllib.request.Request(
                self._exchange.base_url + "/Api?" + query, data=data, method="POST",
                headers={"Content-Type": "application/json; charset=utf-8"})

        looks = action in self.LOOKS
        repeatable = looks or (bool(get.get("ref")) and action in self.ONCE)
        reply = self._exchange.run(make, repeatable)
        answer = reply.answer if isinstance(reply.answer, dict) else {}
        told = str(answer.get("status", ""))  # "0" is a refusal; without one it is not known what was done
        if reply.good() and told not in ("", "0"):
            return answer
        error = reply.failure or Refused(reply.status, "0", str(answer.get("info", "HTTP %d" % reply.status)))
        if not looks and (reply.is_open or (reply.good() and not told)):
            raise Unsure(get.get("ref", ""), error)
        raise error


class WebhookError(Exception):
    """A webhook was not sent by whoever has the secret, or not now."""


def verify_webhook(secret, headers, body, tolerance=300, now=None):
    """Returns the event of a webhook, or raises WebhookError.

    `secret` is whsec_..., or a list of two while they are being changed, of which one that is empty or too short is
    passed over; `headers` a mapping; `body` the bytes as they came. See https://www.standardwebhooks.com.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    try:
        ident, sent, signatures = (lower["webhook-" + name] for name in ("id", "timestamp", "signature"))
        at = int(sent)
    except (KeyError, ValueError):
        raise WebhookError("headers of a webhook are missing") from None
    if abs(int(time.time() if now is None else now) - at) > tolerance:  # whole: no float is as large as what may come
        raise WebhookError("it was signed too long ago, or in the future")
    if isinstance(body, str):
        body = body.encode()
    signed = ("%s.%d." % (ident, at)).encode(errors="replace") + body
    keys = _keys([secret] if secret is None or isinstance(secret, str) else secret)
    for key in keys:
        wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
        for got in signatures.split(" "):
            version, _, value = got.partition(",")
            if version == "v1" and hmac.compare_digest(value.encode(errors="replace"), wanted):
                return json.loads(body)
    raise WebhookError("no signature is right")


def _keys(texts):
    """The bytes of secrets."""
    try:
        keys = [base64.b64decode(one[len("whsec_"):] if one.startswith("whsec_") else one, validate=True)
                for one in texts if one]
    except ValueError:
        raise WebhookError("the secret is not whsec_ with a text of base64") from None
    keys = [key for key in keys if len(key) >= _LEAST_KEY]
    if not keys:
        raise WebhookError("there is no secret of %d bytes or more" % _LEAST_KEY)
    return keys
