"""The settings of a sign-in: what they may say, who has which role, and how long a sign-in lasts."""

from pathlib import Path

import pytest

from app.access.roles import ROLES
from app.access.sign_in import SignIn, SignInError, read_sign_in

GOOD = """
[auth]
redirect_uri = "https://cohort.example/oauth2callback"
cookie_secret = "0123456789abcdef0123456789abcdef"
client_id = "mscohort"
client_secret = "secret"
server_metadata_url = "https://login.example/.well-known/openid-configuration"

[access]
viewer = ["Vera@hospital.example"]
analyst = ["anna@hospital.example"]
curator = ["carl@hospital.example"]
"""
NOW = 1_800_000_000.0


def written(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "sign-in.toml"
    path.write_text(text)
    path.chmod(mode)
    return path


def claims(email: str, **more: object) -> dict[str, object]:
    return {"sub": "1", "iat": NOW - 60, "email": email, "email_verified": True, **more}


@pytest.fixture
def good(tmp_path: Path) -> SignIn:
    return read_sign_in(written(tmp_path, GOOD))


def test_address_and_path(good: SignIn, tmp_path: Path) -> None:
    assert (good.origin, good.host, good.base_path) == ("https://cohort.example", "cohort.example", "")
    under = read_sign_in(written(tmp_path, GOOD.replace("example/oauth", "example:8443/ms/cohort/oauth")))
    assert (under.host, under.base_path) == ("cohort.example:8443", "/ms/cohort")


@pytest.mark.parametrize(("email", "role"), [
    ("vera@hospital.example", "viewer"), ("VERA@hospital.example", "viewer"), ("anna@hospital.example", "analyst"),
    ("carl@hospital.example", "curator"), ("nobody@hospital.example", None), ("vera@hospital.example.evil", None),
])  # fmt: skip
def test_roles_by_address(good: SignIn, email: str, role: str | None) -> None:
    person = good.person(claims(email), NOW)
    assert person is not None
    assert person.role == role


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_an_address_that_the_provider_does_not_vouch_for_gives_no_role(good: SignIn, verified: object) -> None:
    person = good.person(claims("carl@hospital.example", email_verified=verified), NOW)
    assert person is not None
    assert person.role is None


@pytest.mark.parametrize("told", [
    {"iat": NOW - 13 * 3600}, {"iat": NOW + 3600}, {"iat": None}, {"iat": "yesterday"}, {"sub": ""}, {"sub": None},
])  # fmt: skip
def test_a_sign_in_ends(good: SignIn, told: dict[str, object]) -> None:
    assert good.person(claims("carl@hospital.example") | told, NOW) is None


def test_roles_by_group_and_for_everybody(tmp_path: Path) -> None:
    head = GOOD.partition("[access]")[0]
    settings = read_sign_in(
        written(tmp_path, f'{head}[access]\nclaim = "groups"\nviewer = ["*"]\ncurator = ["ms-curators"]\n')
    )
    assert [
        found.role
        for groups in ([], ["ms-curators", "others"], "ms-curators", None, ["MS-CURATORS"])
        if (found := settings.person(claims("x", groups=groups), NOW)) is not None
    ] == ["viewer", "curator", "curator", "viewer", "viewer"]


@pytest.mark.parametrize(("text", "told"), [
    ("nonsense [", "is no TOML"),
    ("", "expected a section"),
    (GOOD.partition("[access]")[0], "expected a section"),
    (GOOD.replace('client_secret = "secret"', ""), "lacks client_secret"),
    (GOOD.replace("oauth2callback", "somewhere"), "end with /oauth2callback"),
    (GOOD.replace("https://cohort", "http://cohort"), "redirect_uri must begin with https"),
    (GOOD.replace("https://login", "http://login"), "server_metadata_url must begin with https"),
    (GOOD.replace("0123456789abcdef0123456789abcdef", "short"), "cookie_secret has 5 letters"),
    (GOOD.replace("viewer =", "reader ="), "does not know reader"),
    (GOOD.replace('["carl@hospital.example"]', '"carl@hospital.example"'), "curator is a list"),
    (GOOD.partition("viewer")[0], "nobody has a role"),
    (GOOD + "hours = 0\n", "how long a sign-in lasts"),
    (GOOD + "hours = true\n", "how long a sign-in lasts"),
    (GOOD.replace("cohort.example/", "cohort.example:443/"), "leave out the port"),
])  # fmt: skip
def test_what_cannot_be_used_is_one_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SignInError, match=told) as raised:
        read_sign_in(written(tmp_path, text))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_secrets_that_others_can_read_are_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(SignInError, match="chmod 600"):
        read_sign_in(written(tmp_path, GOOD, mode))


def test_the_command_refuses_before_it_starts_anything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from app import cli

    assert cli.main(["app", "--no-browser", "--sign-in", str(tmp_path / "absent.toml")]) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "cannot be read" in told


def test_each_role_may_what_those_before_it_may() -> None:
    from app.access.roles import Person

    rights = [[Person("x", role).may(right) for right in ("view", "export", "write")] for role in ROLES]
    assert rights == [[True, False, False], [True, True, False], [True, True, True]]
