"""A client of Perpetuo, made with Streamlit: log in, chat, put a problem to the executive consultant.

    pip install streamlit requests
    PERPETUO_URL=http://127.0.0.1:8080 streamlit run streamlit_app.py
"""

import contextlib
import os
import time

import requests
import streamlit as st

SERVER = os.environ.get("PERPETUO_URL", "http://127.0.0.1:8080")
MODEL = os.environ.get("PERPETUO_MODEL", "simulator/chat")


class Refused(Exception):
    """Why the server did not do what it was asked, in its own words."""


def send(method, path, body=None, token=None):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        return requests.request(method, SERVER + path, json=body, headers=headers, timeout=60)
    except requests.RequestException as error:
        raise Refused(f"{SERVER} cannot be reached: start Perpetuo, or set PERPETUO_URL.") from error


def read(answer):
    if answer.ok:
        return answer.json() if answer.content else None
    try:
        body = answer.json()
    except requests.JSONDecodeError as error:
        raise Refused(f"{answer.status_code} {answer.reason}") from error
    # Under /v1 errors look like OpenAI's, everywhere else they are problem documents (RFC 9457).
    raise Refused(body.get("detail") or body["error"]["message"])


def keep(session):
    # Always both: each refresh token works once, and comes with the next.
    st.session_state.access_token = session["access_token"]
    st.session_state.refresh_token = session["refresh_token"]


def back_to_login(notice):
    st.session_state.clear()
    st.session_state.notice = notice
    st.rerun()


def api(method, path, body=None):
    """A request in the name of who is logged in. Access tokens live for 15 minutes: at a 401 it takes a new one."""
    answer = send(method, path, body, st.session_state.access_token)
    if answer.status_code == 401:
        renewed = send("POST", "/auth/refresh", {"refresh_token": st.session_state.refresh_token})
        try:
            keep(read(renewed))
        except Refused as refused:
            if renewed.status_code != 401:
                raise  # The server is in trouble, the session is not: the next try may work.
            back_to_login(str(refused))
        # Nothing was done at the first try, so that it can be repeated.
        answer = send(method, path, body, st.session_state.access_token)
    return read(answer)


def log_out():
    # The refresh token is enough, even where the access token has expired.
    read(send("POST", "/auth/logout", {"refresh_token": st.session_state.refresh_token}))
    back_to_login("You are logged out.")


@contextlib.contextmanager
def refusals_shown():
    try:
        yield
    except Refused as refused:
        st.error(plain(str(refused)))


def plain(text):
    # Between two dollar signs Streamlit sees a formula, and "R$ 10 to R$ 20" is none.
    return text.replace("$", r"\$")


def login_page():
    st.title("Perpetuo")
    if "notice" in st.session_state:
        st.info(plain(st.session_state.pop("notice")))
    with st.form("login"):
        email = st.text_input("E-mail address", key="email")
        password = st.text_input("Password", type="password", key="password")
        if st.form_submit_button("Log in", key="log_in"):
            keep(read(send("POST", "/auth/login", {"email": email, "password": password})))
            st.rerun()


def chat():
    messages = st.session_state.setdefault("messages", [])
    if asked := st.chat_input("Ask something", key="ask"):
        said = [*messages, {"role": "user", "content": asked}]
        answer = api("POST", "/v1/chat/completions", {"model": MODEL, "messages": said})
        # What was refused is not part of the conversation.
        messages[:] = [*said, {"role": "assistant", "content": answer["choices"][0]["message"]["content"]}]
    for message in messages:
        with st.chat_message(message["role"]):
            st.markdown(plain(message["content"]))


def consultant():
    with st.form("problem_form"):
        problem = st.text_area("What is to be decided?", key="problem")
        business = st.text_input("Kind of business", "SaaS", key="business")
        depth = st.selectbox("Depth", ["quick", "standard", "deep"], key="depth")
        if st.form_submit_button("Start", key="start"):
            new = {"problem_description": problem, "business_type": business, "analysis_depth": depth}
            st.session_state.execution = api("POST", "/api/v1/executions", new)["execution_id"]
    if "execution" in st.session_state:
        show(follow(f"/api/v1/executions/{st.session_state.execution}"))


def follow(path):
    bar = st.progress(0.0)
    while (found := api("GET", path))["status"] == "running":
        bar.progress(found["progress"], text=found["stage"])
        time.sleep(1)
    bar.empty()
    return found


def show(found):
    if found["status"] != "completed":
        st.error(plain(found["error"]["message"] if found["error"] else f"It was {found['status']}."))
        return
    st.subheader("Decision")
    st.markdown(plain(found["headline"]))
    if found["quality"] == "partial":
        st.warning("Left out: " + ", ".join(part["step"] for part in found["results"]["missing"]))
    st.dataframe(found["results"]["actions"], column_order=["task", "owner", "due_date", "cost"], hide_index=True)


if "access_token" not in st.session_state:
    with refusals_shown():
        login_page()
else:
    with st.sidebar, refusals_shown():
        if st.button("Log out", key="log_out"):
            log_out()
    chat_tab, consultant_tab = st.tabs(["Chat", "Consultant"])
    with chat_tab, refusals_shown():
        chat()
    with consultant_tab, refusals_shown():
        consultant()
