"""Drives a deployed stack through the main job, over HTTP from outside: `drive.py STACK CARRIER_URL API_KEY EMAIL PASSWORD`.

A file is uploaded and imported, campaigns are validated, sent, received, clicked and stopped; what the statistics say
is compared with what the carrier's phones got, and an endpoint of the account is told of all of it.
"""

import sys
import time
import urllib.parse
import uuid
from collections import Counter

from receiver import Receiver
from stack import Stack, call, check, say, until

CONTACTS = 620  # two batches
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1"
TOLD = ["campaign.finished", "campaign.started", "contact.stopped", "list.ready", "message.replied"]
EVERY_HOUR = {
    "days": ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
    "from": "00:00", "to": "23:59", "holidays": True,
}


class Client:
    """An integrator: a key and the API."""

    def __init__(self, stack, key):
        self.stack, self.key = stack, key

    def ask(self, method, path, body=None, status=200):
        headers = {"Authorization": f"Bearer {self.key}"}
        answer = self.stack.call(method, f"/v1{path}", body, headers)
        if answer.status != status:
            raise SystemExit(f"FAILED: {method} {path} answered {answer.status}: {answer.body[:2000]!r}")
        return answer.json() if answer.body else None

    def campaign(self, settings):
        made = self.ask("POST", "/campaigns", settings, 201)["id"]
        self.ask("POST", f"/campaigns/{made}/validate")
        return made

    def stats(self, campaign):
        return self.ask("GET", f"/campaigns/{campaign}/stats")


class Phones:
    """The messages that phones got, from the carrier."""

    def __init__(self, url):
        self.url = url

    def messages(self, campaign):
        found, after = [], ""
        while True:
            page = call("GET", f"{self.url}/messages?campaign={campaign}&limit=1000{after}").json()
            found += page["items"]
            if page["next"] is None:
                return found
            after = f"&after={page['next']}"

    def reply(self, number, text):
        answer = call("POST", f"{self.url}/reply", {"from": number, "to": "36105", "text": text})
        check(f"a phone answers {text}", answer.status, 202)


def number(place):
    """The last two digits decide the fate: these are all delivered."""
    return f"06{10_000_000 + (place // 80) * 100 + 20 + place % 80:08d}"


def upload(stack, client):
    """A file as people have it: Windows-1252, a header, a duplicate, a landline."""
    rows = [f"Prénom{place};{number(place)};Orléans" for place in range(CONTACTS)]
    rows += [f"Encore;{number(0)};Paris", "Fixe;01 42 00 00 00;Paris"]
    made = client.ask("POST", "/lists", {"name": "Clients"}, 201)
    put = made["upload"]
    body = ("Prénom;Téléphone;Ville\r\n" + "\r\n".join(rows) + "\r\n").encode("cp1252")
    forged = put["url"].replace("X-Amz-Signature=", "X-Amz-Signature=0")
    check("a forged upload address is refused", call(put["method"], forged, body, put["headers"]).status, 403)
    check("the file goes straight to the bucket", call(put["method"], put["url"], body, put["headers"]).status, 200)
    look = lambda: (found := client.ask("GET", f"/lists/{made['id']}"))["status"] in ("ready", "failed") and found
    found = until("its arrival starts the import", look)
    report = found.get("report") or found
    counts = {name: report.get(name) for name in ("rows", "contacts", "duplicates", "invalid")}
    check("the report counts", counts, {"rows": CONTACTS + 2, "contacts": CONTACTS, "duplicates": 1, "invalid": 1})
    rejects = stack.call("GET", f"/v1/lists/{made['id']}/rejects", headers={"Authorization": f"Bearer {client.key}"})
    check("rejects are a file", rejects.status, 303)
    check("which names the landline", "01 42 00 00 00" in call("GET", rejects.headers["location"]).text())
    return made["id"]


def send(client, phones, lists):
    message = {
        "sender": "MABOUTIQUE", "text": "Bonjour {{prenom|cher client}}, -20% : {{lien}}", "stop": True,
        "links": [{"name": "lien", "url": "https://example.com/soldes?a=1&b=2"}],
    }
    made = client.ask("POST", "/campaigns", {"name": "Soldes d’hiver", "lists": lists, "message": message}, 201)["id"]
    estimate = client.ask("POST", f"/campaigns/{made}/estimate")
    found = {name: estimate[name] for name in ("recipients", "credits", "blockers")}
    check("the estimate is exact", found, {"recipients": CONTACTS, "credits": CONTACTS, "blockers": []})
    client.ask("POST", f"/campaigns/{made}/validate")
    until("a wake-up starts it and its batches fan out to send", lambda: len(phones.messages(made)) >= CONTACTS)
    messages = phones.messages(made)
    check("everybody got it", len({message["to"] for message in messages}), CONTACTS)
    check("exactly once", [one["to"] for one in messages if one["times_submitted"] != 1] + [len(messages)], [CONTACTS])
    check("with links of their own", len({link(one) for one in messages}), CONTACTS)
    delivered = lambda: client.stats(made)["delivered"] == CONTACTS
    until("signed receipts come back", delivered)
    return made, messages


def link(message):
    return next(word for word in message["text"].split() if word.startswith("http"))


def click(stack, message, agent=PHONE):
    path = urllib.parse.urlsplit(link(message)).path
    answer = stack.call("GET", path, headers={"User-Agent": agent}, api="ShortApiId")
    check("a short link leads on", (answer.status, answer.headers.get("location")), (302, "https://example.com/soldes?a=1&b=2"))


def answers(stack, client, phones, campaign, messages):
    click(stack, messages[0])
    click(stack, messages[0], "facebookexternalhit/1.1")
    check("an unknown link is not found", stack.call("GET", "/AAAAAAAA", api="ShortApiId").status, 404)
    phones.reply(messages[7]["to"], "Stop svp")
    stopped = lambda: [one["phone"] for one in client.ask("GET", "/exclusions")["items"]] == [messages[7]["to"]]
    until("STOP excludes", stopped)
    clicks = {"human": 1, "bot": 1, "total": 2, "unique": 1}
    until("clicks and STOPs are counted", lambda: (s := client.stats(campaign))["clicks"] == clicks and s["stops"] == 1)


def scheduled(client, phones, lists, first, stopped):
    """The minute schedule starts one campaign and closes the other: the test does not call dispatch."""
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3))
    message = {"text": "Dernier jour", "stop": True}
    settings = {"name": "Dernier jour", "lists": lists, "message": message, "schedule": {"at": at}}
    made = client.campaign(settings)
    check("it waits for its time", client.ask("GET", f"/campaigns/{made}")["status"], "ready")
    until("the minute's tick starts it", lambda: len(phones.messages(made)) >= CONTACTS - 1, every=1)
    numbers = {message["to"] for message in phones.messages(made)}
    check("whoever said STOP gets no more", (len(numbers), stopped in numbers), (CONTACTS - 1, False))
    finished = lambda: client.ask("GET", f"/campaigns/{first}")["status"] == "finished"
    until("and closes the first one", finished, every=1)
    report = client.stack.call("GET", f"/v1/campaigns/{first}/report", headers={"Authorization": f"Bearer {client.key}"})
    lines = call("GET", report.headers["location"]).text().splitlines()
    check("whose report has a line for everybody", len(lines), CONTACTS + 1)


def listen(client):
    """An endpoint of the account. This stack may reach loopback; `operate.py updated` checks one that may not."""
    receiver = Receiver()
    made = client.ask("POST", "/account/webhooks", {"url": receiver.url, "events": TOLD}, 201)
    receiver.secret = made["secret"]
    return receiver, made["id"]


def told(client, receiver, webhook):
    """Both campaigns have begun, one has ended; a list was imported; one recipient replied STOP."""
    expected = Counter(TOLD + ["campaign.started"])
    until("a webhook is told of each, signed", lambda: not expected - Counter(receiver.kinds()), every=1)
    log = lambda: client.ask("GET", f"/account/webhooks/{webhook}/deliveries")["items"]
    delivered = lambda: Counter(one["type"] for one in log() if one["status"] == "delivered")
    until("and its log says so", lambda: not expected - delivered())


def console(stack, email, password):
    page = stack.call("GET", "/signin")
    check("the console answers", (page.status, "Envol" in page.text()), (200, True))
    form = urllib.parse.urlencode({"email": email, "password": password, "next": "/campaigns"})
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    wrong = stack.call("POST", "/signin", form.replace("password=", "password=x"), kind)
    check("another password is refused", wrong.status in (401, 422))
    signed = stack.call("POST", "/signin", form, kind)
    check("a user signs in", signed.status, 303)
    cookie = {"Cookie": signed.headers["set-cookie"].split(";")[0]}
    page = stack.call("GET", "/campaigns", headers=cookie)
    check("and sees the campaigns", (page.status, "Dernier jour" in page.text()), (200, True))


def main():
    name, carrier, key, email, password = sys.argv[1:]
    stack, phones = Stack(name), Phones(carrier)
    client = Client(stack, key)
    health = stack.call("GET", "/health")
    check("the API answers", (health.status, health.json().get("status", health.text()[:2000])), (200, "ok"))
    say(f"version {health.json()['version']}")
    check("without a key it says so", stack.call("GET", "/v1/lists").status, 401)
    forged = stack.call("POST", f"/v1/callbacks/sandbox/{uuid.uuid4().hex}", {"receipts": []})
    check("a callback of a stranger finds nothing", forged.status, 404)
    client.ask("PATCH", "/account", {"sending_window": EVERY_HOUR})
    receiver, webhook = listen(client)
    lists = [upload(stack, client)]
    campaign, messages = send(client, phones, lists)
    answers(stack, client, phones, campaign, messages)
    scheduled(client, phones, lists, campaign, messages[7]["to"])
    told(client, receiver, webhook)
    console(stack, email, password)


if __name__ == "__main__":
    main()
