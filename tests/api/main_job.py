"""The main job with a generated client: list, campaign, estimate, validate, statistics; and typed errors."""

import sys
import time

from envol_client import AuthenticatedClient
from envol_client.api.campaigns import create_campaign, estimate_campaign, get_campaign_stats, validate_campaign
from envol_client.api.lists import create_list, get_list
from envol_client.models import (
    Campaign,
    CreateCampaignBody,
    CreateListBody,
    Estimate,
    List,
    MessageInput,
    NewList,
    Problem,
    Statistics,
)

# Ends a job that would wait forever.
PATIENCE_SECONDS = 600

api, key = sys.argv[1:]
client = AuthenticatedClient(base_url=api, token=key)
end = time.monotonic() + PATIENCE_SECONDS

body = CreateListBody(name="Amis", values=["06 12 34 56 30", "06 12 34 56 31", "01 42 00 00 00"])
made = create_list.sync(client=client, body=body, idempotency_key="main-job")
assert isinstance(made, NewList), made
again = create_list.sync(client=client, body=body, idempotency_key="main-job")
assert isinstance(again, NewList) and again.id == made.id, again
while True:
    found = get_list.sync(made.id, client=client)
    assert isinstance(found, List) and time.monotonic() < end, found
    if found.status == "ready":
        break
    time.sleep(0.2)

message = MessageInput(text="Bonjour {{prenom|cher client}}", stop=True)
refused = create_campaign.sync(client=client, body=CreateCampaignBody(name="Amis", lists=["lst_00000000000000000000"]))
assert isinstance(refused, Problem) and refused.status == 422, refused
campaign = create_campaign.sync(client=client, body=CreateCampaignBody(name="Amis", lists=[made.id], message=message))
assert isinstance(campaign, Campaign), campaign
estimate = estimate_campaign.sync(campaign.id, client=client)
assert isinstance(estimate, Estimate) and (estimate.recipients, estimate.credits_) == (2, 2), estimate
stale = validate_campaign.sync(campaign.id, client=client, if_match='"0"')
assert isinstance(stale, Problem) and stale.status == 412, stale
ready = validate_campaign.sync(campaign.id, client=client)
assert isinstance(ready, Campaign) and ready.status == "ready", ready
while True:
    stats = get_campaign_stats.sync(campaign.id, client=client)
    assert isinstance(stats, Statistics) and time.monotonic() < end, stats
    if stats.delivered == 2:
        break
    time.sleep(0.2)
print("a generated client sent", stats.delivered, "messages")
