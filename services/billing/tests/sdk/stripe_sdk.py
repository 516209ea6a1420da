"""Stripe's own SDK against the fake Stripe: what it sends is understood, and what it is answered is what it knows.

Usage: stripe_sdk.py make | look <session> <charge> | sign <body>
"""

import json
import os
import sys
import time

import stripe

stripe.api_base = os.environ["STRIPE_URL"]
stripe.api_key = os.environ["STRIPE_KEY"]
stripe.api_version = os.environ["STRIPE_VERSION"]
stripe.max_network_retries = 2

PAYMENT = os.environ["PAYMENT"]
WORKSPACE = os.environ["WORKSPACE"]


def session(key, **more):
    metadata = {"payment_id": PAYMENT}
    price = {"currency": "brl", "unit_amount": 12345, "product_data": {"name": "Invoice 1"}}
    return stripe.checkout.Session.create(
        mode="payment",
        success_url="https://app.example.com/paid?a=1&b=2",
        line_items=[{"price_data": price, "quantity": 1}],
        client_reference_id=PAYMENT,
        metadata=metadata,
        payment_intent_data={"metadata": metadata},
        adaptive_pricing={"enabled": False},
        idempotency_key=key,
        **more,
    )


def refused(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was expected")


def make():
    customer = stripe.Customer.create(
        name="Ana", email="ana@example.com", metadata={"workspace_id": WORKSPACE}, idempotency_key="customer"
    )
    assert stripe.Customer.retrieve(customer.id).metadata["workspace_id"] == WORKSPACE
    found = stripe.Customer.search(query=f"metadata['workspace_id']:'{WORKSPACE}'")
    assert [one.id for one in found.auto_paging_iter()] == [customer.id]
    portal = stripe.billing_portal.Session.create(customer=customer.id, return_url="https://app.example.com")
    assert portal.object == "billing_portal.session" and portal.url.startswith("https://"), portal

    # The answer to the first try is lost (the test arranges it): the SDK asks again under the same key.
    made = session("first", customer=customer.id)
    assert (made.object, made.status, made.payment_status) == ("checkout.session", "open", "unpaid"), made
    assert (made.amount_total, made.currency, made.customer) == (12345, "brl", customer.id), made
    assert made.url and made.expires_at > made.created and made.payment_intent is None, made
    assert session("first", customer=customer.id).id == made.id
    assert len(stripe.checkout.Session.list(limit=10).data) == 1

    error = refused(stripe.IdempotencyError, lambda: session("first", customer_email="a@b.c"))
    assert error.http_status == 400, error
    error = refused(stripe.InvalidRequestError, lambda: session("other", customer=customer.id, nonsense="1"))
    assert error.param == "nonsense" and "unknown parameter" in str(error), error
    error = refused(stripe.InvalidRequestError, lambda: stripe.checkout.Session.retrieve("cs_none"))
    assert error.http_status == 404, error
    wrong = lambda: stripe.checkout.Session.retrieve(made.id, api_key="sk_test_wrong")
    assert refused(stripe.AuthenticationError, wrong).http_status == 401

    closed = session("second", customer_email="a@b.c")
    assert stripe.checkout.Session.expire(closed.id).status == "expired"
    refused(stripe.InvalidRequestError, lambda: stripe.checkout.Session.expire(closed.id))
    print(json.dumps({"session": made.id}))


def look(name, charge_name):
    paid = stripe.checkout.Session.retrieve(name)
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None), paid
    charges = list(stripe.Charge.list(payment_intent=paid.payment_intent, limit=1).auto_paging_iter())
    assert [(one.id, one.status, one.captured, one.disputed) for one in charges][0] == (
        charge_name, "succeeded", True, True,
    ), charges
    assert len(charges) == 2 and charges[1].status == "failed", charges
    found = stripe.checkout.Session.list(payment_intent=paid.payment_intent).data
    assert [one.id for one in found] == [name]

    dispute = stripe.Dispute.list(charge=charge_name).data[0]
    assert (dispute.object, dispute.status, dispute.amount) == ("dispute", "needs_response", 12345), dispute
    assert [moved.amount for moved in dispute.balance_transactions] == [-12345], dispute
    assert dispute.evidence_details.due_by > dispute.created and dispute.payment_intent == paid.payment_intent

    refund = stripe.Refund.create(
        charge=charge_name, amount=345, metadata={"refund_id": "r1"}, idempotency_key="refund"
    )
    assert (refund.object, refund.status, refund.amount) == ("refund", "succeeded", 345), refund
    again = stripe.Refund.create(
        charge=charge_name, amount=345, metadata={"refund_id": "r1"}, idempotency_key="refund"
    )
    assert again.id == refund.id
    assert [one.id for one in stripe.Refund.list(charge=charge_name).data] == [refund.id]
    assert stripe.Charge.retrieve(charge_name).amount_refunded == 345
    too_much = lambda: stripe.Refund.create(charge=charge_name, amount=99999, metadata={"refund_id": "r2"})
    assert refused(stripe.InvalidRequestError, too_much).param == "amount"
    print("{}")


def sign(body):
    """What Stripe's SDK would sign, and what it takes of what was signed."""
    secret, now = os.environ["WEBHOOK_SECRET"], int(os.environ["NOW"])
    made = stripe.WebhookSignature._compute_signature(f"{now}.{body}", secret)
    header = f"t={now},v1={made}"
    # The clock of the test is another one than the SDK's, which takes any time where it has no tolerance.
    event = stripe.Webhook.construct_event(body, header, secret, tolerance=int(time.time()))
    assert event.type == "checkout.session.completed" and event.data.object.object == "checkout.session", event
    print(json.dumps({"header": header}))


if __name__ == "__main__":
    {"make": make, "look": look, "sign": sign}[sys.argv[1]](*sys.argv[2:])
