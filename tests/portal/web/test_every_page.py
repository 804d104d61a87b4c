"""What holds for the whole portal, whatever page comes next."""

import ast
from pathlib import Path

import pytest

import portal
from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)
from tests.portal.actors.pages import Citizen

PORTAL = Path(portal.__file__).parent
ACCESS = {"public", "bridge", "browser", "signed_in", "card_read", "link_opened", "clerk", "operator", "any_staff"}
ACCESS |= {"terminal_bridge", "terminal_page", "locked_page", "provider_staff"}
ADDRESSES = {
    "/",
    "/account",
    "/account/cancellation",
    "/account/data.json",
    "/account/sessions",
    "/account/slip",
    "/account/stop",
    "/acts",
    "/about",
    "/accessibility",
    "/api",
    "/api/v1/bridge/answers",
    "/api/v1/bridge/claims",
    "/api/v1/inquiries",
    "/api/v1/presence",
    "/api/v1/service-links",
    "/api/v1/taps",
    "/api/v1/terminals",
    "/api/v1/bridge/failures",
    "/audit",
    "/bridge",
    "/bridge/<file>",
    "/card",
    "/certificate",
    "/certificate/card",
    "/certificate/file",
    "/card-sessions",
    "/card-sessions/<uuid:card_session_id>",
    "/card-sessions/<uuid:card_session_id>/again",
    "/card-sessions/<uuid:card_session_id>/cancel",
    "/card-sessions/<uuid:card_session_id>/time",
    "/time/<any(citizen, staff):whose>",
    "/card-sessions/<uuid:card_session_id>/completion",
    "/card-sessions/<uuid:card_session_id>/state",
    "/completion",
    "/correspondence",
    "/correspondence/<uuid:file_id>",
    "/correspondence/<uuid:file_id>/confirmation",
    "/correspondence/<uuid:file_id>/discarding",
    "/counter",
    "/counter/guide",
    "/counter/visits",
    "/counter/visits/<visit_number>",
    "/counter/visits/<visit_number>/cancellation",
    "/counter/visits/<visit_number>/cards",
    "/counter/visits/<visit_number>/completion",
    "/counter/visits/<visit_number>/identity",
    "/counter/visits/<visit_number>/resumption",
    "/counter/visits/<visit_number>/rewriting",
    "/counter/visits/<visit_number>/stop",
    "/counter/visits/<visit_number>/state",
    "/healthz",
    "/language/<code>",
    "/operator",
    "/operator/first-steps",
    "/operator/provider",
    "/operator/provider/webhook-messages",
    "/operator/provider/secret",
    "/operator/provider/settings",
    "/operator/provider/settings/check",
    "/operator/provider/suspension",
    "/operator/provider/terminals",
    "/operator/providers",
    "/operator/table",
    "/operator/terminals/<uuid:terminal_id>",
    "/operator/terminals/<uuid:terminal_id>/codes",
    "/operator/terminals/<uuid:terminal_id>/handoff-link",
    "/operator/terminals/<uuid:terminal_id>/revocation",
    "/provider",
    "/provider/figures",
    "/provider/imports",
    "/provider/imports/<uuid:file_id>",
    "/provider/imports/<uuid:file_id>/discarding",
    "/provider/imports/<uuid:file_id>/trial.csv",
    "/provider/link",
    "/provider/link/removal",
    "/provider/links.csv",
    "/provider/scan",
    "/openapi.json",
    "/privacy",
    "/readyz",
    "/reception",
    "/reception/end",
    "/reception/enrol",
    "/reception/inquiry",
    "/reception/lock",
    "/reception/locked",
    "/reception/manifest.webmanifest",
    "/reception/reading",
    "/reception/registration",
    "/reception/service-id",
    "/reception/state",
    "/reception/unlocking",
    "/register",
    "/registration",
    "/registration/certificate",
    "/registration/certificate/file",
    "/registration/check",
    "/registration/reservation",
    "/renew",
    "/renewal",
    "/reviews",
    "/robots.txt",
    "/sign-in",
    "/sign-out",
    "/staff",
    "/staff/enrol",
    "/staff/name",
    "/staff/passkey",
    "/staff/sign-in",
    "/static/<path:filename>",
    "/stop",
    "/text-size/<size>",
    "/terms",
}
PUBLIC = (
    "/",
    "/about",
    "/accessibility",
    "/api",
    "/audit",
    "/bridge",
    "/card",
    "/certificate",
    "/privacy",
    "/register",
    "/renew",
    "/sign-in",
    "/stop",
    "/terms",
)
OTHERS = (
    "/account",
    "/account/cancellation",
    "/account/slip",
    "/acts",
    "/completion",
    "/no-such-page",
    "/reception",
    "/reception/enrol",
    "/renewal",
    "/staff/enrol",
    "/staff/sign-in",
)
SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@SQLITE
def test_these_are_all_addresses(app):
    assert {rule.rule for rule in app.url_map.iter_rules()} == ADDRESSES


@pytest.mark.parametrize("file", sorted((PORTAL / "routes").rglob("*.py")), ids=lambda file: file.stem)
def test_a_view_has_one_access_decorator_and_at_most_twenty_lines(file):
    for view in ast.walk(ast.parse(file.read_text())):
        if isinstance(view, ast.FunctionDef) and any(ast.unparse(d).startswith("bp.") for d in view.decorator_list):
            if ast.unparse(view.decorator_list[0]) == "bp.before_request":
                continue
            assert len([d for d in view.decorator_list if ast.unparse(d) in ACCESS]) == 1, view.name
            assert view.end_lineno - view.lineno < 20, view.name


@SQLITE
def test_every_template_is_used_and_compiles(app):
    sources = "".join(file.read_text() for file in PORTAL.rglob("*.[ph][yt]*") if file.suffix in (".py", ".html"))
    for name in app.jinja_env.list_templates(extensions=["html"]):
        assert f'"{name}"' in sources, name
        app.jinja_env.get_template(name)


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("address", PUBLIC + OTHERS)
def test_every_page_keeps_to_the_manners(app, address, language):
    page = Citizen(app, language).get(address)
    assert page.value("lang") == ("ja" if address.startswith("/reception") else language)
    assert page.response.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
    assert "unsafe" not in page.response.headers["Content-Security-Policy"]
    assert page.response.headers["Cache-Control"] == "no-store"
    assert page.response.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "デモ" in page.words or "demo" in page.words.lower()


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://id.example.jp.evil.example"])
def test_61_a_form_from_another_site_is_refused(app, origin):
    citizen = Citizen(app)
    citizen.start()
    response = citizen.client.post(f"{citizen.waiting}/cancel", base_url=citizen.base, headers={"Origin": origin})
    assert (response.status_code, "ほかのサイト" in response.text) == (403, True)
    assert citizen.get(citizen.waiting).value("data-card-session") == "started"


@pytest.mark.parametrize(
    "address",
    [
        "/acts",
        "/card-sessions",
        "/certificate",
        "/certificate/file",
        "/reception/enrol",
        "/registration",
        "/registration/reservation",
        "/renewal",
        "/sign-out",
        "/staff/sign-in",
        "/stop",
    ],
)
def test_61_a_form_without_its_token_is_refused(app, address):
    response = app.test_client().post(address, base_url="https://id.example.jp", data={"agree": "yes"})
    by_card = address in ("/acts", "/renewal") or address.startswith("/registration")
    assert response.status_code == (403 if by_card else 400)  # one is told first that a session is needed
    assert "Set-Cookie" not in response.headers


def test_search_engines_are_told_of_the_public_pages_alone(app):
    pages = {address: Citizen(app).get(address) for address in PUBLIC + OTHERS}
    named = {
        address: {each["name"]: each["content"] for each in page.all("meta") if "name" in each}
        for address, page in pages.items()
    }
    canonical = {
        address: [each["href"] for each in page.all("link") if each["rel"] == "canonical"]
        for address, page in pages.items()
    }
    assert canonical == {each: [f"https://id.example.jp{each}"] for each in PUBLIC} | {each: [] for each in OTHERS}
    assert all(named[each]["robots"] == "noindex" for each in OTHERS)
    descriptions = {named[each]["description"] for each in PUBLIC}
    assert len(descriptions) == len(PUBLIC)
    assert all(35 <= len(each) <= 80 for each in descriptions), descriptions
    assert "Disallow: /language/" in Citizen(app).client.get("/robots.txt", base_url="https://id.example.jp").text


def test_the_language_is_kept_and_leads_back(app):
    citizen = Citizen(app)
    page = citizen.get("/language/en", Referer="https://id.example.jp/card")
    assert (citizen.address, page.value("lang")) == ("/card", "en")
    assert citizen.get("/sign-in").value("lang") == "en"


@pytest.mark.parametrize("referer", ["https://evil.example/card", "https://id.example.jp//evil.example", "", "x:y"])
def test_the_language_leads_nowhere_else(app, referer):
    citizen = Citizen(app)
    citizen.get("/language/en", Referer=referer)
    assert citizen.address == "/"


def test_a_page_begins_a_session_only_with_a_form(app):
    for address, cookies in {"/": set(), "/card": set(), "/completion": set(), "/register": {"__Host-mykey"}}.items():
        citizen = Citizen(app)
        citizen.get(address)
        assert citizen.cookies() == cookies


def test_a_session_ends_after_half_an_hour_without_use(clock, complete, citizen):
    complete()
    citizen.post("/registration")
    for _ in range(3):
        clock.forward(minutes=29)
        assert citizen.get("/account").status == 200
    clock.forward(minutes=30)
    assert citizen.get("/account").status == 403


def test_without_a_database_the_answer_is_unavailable(app_with, tmp_path):
    app = app_with(database_url=f"sqlite:///{tmp_path / 'no' / 'such.sqlite3'}")
    response = app.test_client().get("/readyz", base_url="https://id.example.jp")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")


def test_larger_text_is_kept_and_leads_back(app):
    citizen = Citizen(app)
    page = citizen.get("/text-size/large", Referer="https://id.example.jp/card")
    assert (citizen.address, page.value("class")) == ("/card", "ja large")
    assert citizen.get("/text-size/huge").status == 404
