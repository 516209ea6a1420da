"""The Streamlit client beside this file, used by Streamlit's own AppTest against a running Perpetuo
(PERPETUO_URL, and an account: PERPETUO_EMAIL, PERPETUO_PASSWORD)."""

import logging
import os
import pathlib
import sys
import time
import traceback
import urllib.parse

import requests

# Streamlit says on each run that nobody looks at it.
logging.disable(logging.WARNING)
from streamlit.testing.v1 import AppTest  # noqa: E402

SERVER = os.environ["PERPETUO_URL"]
EMAIL, PASSWORD = os.environ["PERPETUO_EMAIL"], os.environ["PERPETUO_PASSWORD"]
APP = pathlib.Path(__file__).with_name("streamlit_app.py")
PROBLEM = (
    "Sales fell by 20% this quarter. We have $400,000 in cash, revenue of $180,000 a month, costs of $210,000 a month "
    "and a churn of 6% a month. We can spend $90,000 at most."
)
CHAT, EXECUTIONS, REFRESH = "/v1/chat/completions", "/api/v1/executions", "/auth/refresh"

# What the app has sent since this was last emptied, each with its answer.
sent = []
send = requests.request


def recorded(method, url, **options):
    answer = send(method, url, **options)
    sent.append((method, urllib.parse.urlsplit(url).path, answer))
    return answer


requests.request = recorded


def seen():
    """Method, path and status of each, and forgets them."""
    calls = [(method, path, answer.status_code) for method, path, answer in sent]
    sent.clear()
    return calls


def post(path, body, token=None):
    """What another client sends, which the app knows nothing of."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return send("POST", SERVER + path, json=body, headers=headers, timeout=60)


def run(app):
    assert not app.run(timeout=60).exception, app.exception
    return app


def log_in(app, password=PASSWORD):
    app.text_input(key="email").set_value(EMAIL)
    app.text_input(key="password").set_value(password)
    app.button(key="log_in").click()
    return run(app)


def logged_in():
    app = log_in(run(AppTest.from_file(APP)))
    assert tokens(app) and not app.error, app.error
    sent.clear()
    return app


def tokens(app):
    if "access_token" in app.session_state:
        return app.session_state["access_token"], app.session_state["refresh_token"]


def spoil(app):
    """As an access token is after its 15 minutes: the server takes it no more."""
    app.session_state["access_token"] += "x"


def ask(app, text):
    app.chat_input(key="ask").set_value(text)
    return run(app)


def said(app):
    return [(message.name, message.markdown[0].value) for message in app.chat_message]


def at_the_login(app):
    return tokens(app) is None and len(app.text_input) == 2 and not app.chat_input and not app.chat_message


def ends(token):
    """An access token stops working a second after its session at the latest."""
    until = time.monotonic() + 10
    while send("GET", SERVER + "/auth/me", headers={"Authorization": f"Bearer {token}"}, timeout=60).ok:
        assert time.monotonic() < until, "the access token works still"
        time.sleep(0.1)


def a_wrong_password_is_told_in_the_servers_words():
    app = log_in(run(AppTest.from_file(APP)), "not-the-password-7")
    answer = sent[-1][2]
    assert answer.status_code == 401 and [e.value for e in app.error] == [answer.json()["detail"]], app.error
    assert at_the_login(app)
    log_in(app)
    assert tokens(app) and not app.error, app.error


def chat_is_answered_and_goes_on():
    app = ask(logged_in(), "Otters cost R$ 10 to R$ 20.")
    (_, _, answer), = sent
    assert seen() == [("POST", CHAT, 200)]
    (who, question), (other, reply) = said(app)
    assert (who, other) == ("user", "assistant") and question == r"Otters cost R\$ 10 to R\$ 20."
    assert reply.replace(r"\$", "$") == answer.json()["choices"][0]["message"]["content"] and "Otters" in reply, reply
    before = answer.json()["usage"]["prompt_tokens"]
    ask(app, "And marmots?")
    assert len(said(app)) == 4 and sent[-1][2].json()["usage"]["prompt_tokens"] > before


def what_is_refused_is_shown_and_forgotten():
    app = run(logged_in())
    app.button(key="start").click()
    run(app)
    (_, _, answer), = sent
    assert answer.status_code == 422 and [e.value for e in app.error] == [answer.json()["detail"]], app.error
    assert tokens(app) and "execution" not in app.session_state


def an_execution_is_followed_to_its_decision():
    app = logged_in()
    app.text_area(key="problem").set_value(PROBLEM)
    app.selectbox(key="depth").set_value("deep")
    app.button(key="start").click()
    run(app)
    begun, *looks = [answer.json() for _, _, answer in sent]
    path = f"{EXECUTIONS}/{begun['execution_id']}"
    assert seen() == [("POST", EXECUTIONS, 201)] + [("GET", path, 200)] * len(looks)
    *before, found = looks
    assert before and all(look["status"] == "running" for look in before), [look["status"] for look in looks]
    assert found["status"] == "completed" and found["model"] == "simulator/business" and not app.error, found
    assert [m.value.replace(r"\$", "$") for m in app.markdown] == [found["headline"]], app.markdown
    tasks = list(app.dataframe[0].value["task"])
    assert tasks and tasks == [action["task"] for action in found["results"]["actions"]], tasks
    # It is there still when the access token has expired meanwhile.
    spoil(app)
    run(app)
    assert seen() == [("GET", path, 401), ("POST", REFRESH, 200), ("GET", path, 200)]
    assert [m.value.replace(r"\$", "$") for m in app.markdown] == [found["headline"]], app.markdown


def an_expired_token_is_renewed_once_and_the_request_repeated():
    app, had = logged_in(), []
    for turn in range(1, 3):
        had.append(tokens(app))
        spoil(app)
        ask(app, "Hello.")
        assert seen() == [("POST", CHAT, 401), ("POST", REFRESH, 200), ("POST", CHAT, 200)]
        assert len(said(app)) == 2 * turn and not app.error, app.error
    had.append(tokens(app))
    ask(app, "And again.")
    assert seen() == [("POST", CHAT, 200)], "the new token was not used"
    assert len({refresh for _, refresh in had}) == 3, "the refresh token was not rotated"


def a_session_that_was_ended_elsewhere_leads_back_to_the_login():
    app = ask(logged_in(), "Hello.")
    access, _ = tokens(app)
    phone = post("/auth/login", {"email": EMAIL, "password": PASSWORD}).json()
    assert post("/auth/logout", {"all": True}, phone["access_token"]).status_code == 204
    ends(access)
    sent.clear()
    ask(app, "Are you there?")
    refused = sent[-1][2].json()["detail"]
    assert seen() == [("POST", CHAT, 401), ("POST", REFRESH, 401)]
    assert at_the_login(app) and [i.value for i in app.info] == [refused], app.info
    log_in(app)
    assert tokens(app) and said(app) == [], "the conversation outlived its session"


def after_logging_out_no_token_works():
    app = ask(logged_in(), "Hello.")
    access, refresh = tokens(app)
    sent.clear()
    # Even while the access token has expired.
    spoil(app)
    app.button(key="log_out").click()
    run(app)
    assert seen() == [("POST", "/auth/logout", 204)] and at_the_login(app) and not app.error, app.error
    assert post(REFRESH, {"refresh_token": refresh}).status_code == 401
    ends(access)


TESTS = [
    a_wrong_password_is_told_in_the_servers_words, chat_is_answered_and_goes_on, what_is_refused_is_shown_and_forgotten,
    an_execution_is_followed_to_its_decision, an_expired_token_is_renewed_once_and_the_request_repeated,
    a_session_that_was_ended_elsewhere_leads_back_to_the_login, after_logging_out_no_token_works,
]
failed = 0
for test in TESTS:
    sent.clear()
    try:
        test()
        print(f"ok {test.__name__}")
    except Exception:
        failed += 1
        print(f"FAILED {test.__name__}")
        traceback.print_exc(file=sys.stdout)
print(f"streamlit: {len(TESTS) - failed} passed, {failed} failed")
sys.exit(1 if failed else 0)
