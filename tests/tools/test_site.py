"""The documentation site: every page is reachable, the reference is complete, and all of it works without a network."""

import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import pytest

from tools.site._command_pages import FOLDER as COMMANDS
from tools.site._command_pages import command_pages, program
from tools.site._contract_pages import ERRORS, FOLDER, contract_pages
from tools.site._error_page import error_page, refusals
from tools.site._markdown import escaped, table
from tools.site._package_pages import FOLDER as PACKAGES
from tools.site._package_pages import package_pages, public_packages
from tools.site._pages import INDEX, Relocation, place, sections
from tools.site._reverts import Reverts
from tools.site._solidity import Compilation, compile_docs
from verifier import InputError

ROOT = Path(__file__).parents[2]
GLOSSARY = ROOT / "docs" / "glossary.md"
PAGES = [PurePosixPath(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md")]
ROLES = ["trader", "desk", "integrator", "reporter", "guardian", "auditor", "keeper"]


# ------------------------------------------------------------------------------------------------ pages


def listed() -> list[PurePosixPath]:
    return [path for pages in sections().values() for path in pages]


def test_every_page_is_in_the_table_of_contents_once() -> None:
    assert len(listed()) == len(set(listed()))
    assert set(PAGES) - {INDEX} <= set(listed())
    assert all((ROOT / path).is_file() for path in listed())


def test_every_page_that_a_page_links_to_is_in_the_table_of_contents() -> None:
    moved = Relocation([INDEX, *listed()], {}, [])
    for path in [INDEX, *listed()]:
        moved.moved(path)
    assert [path for path in moved.files if path.suffix == ".md"] == []


def test_no_two_pages_have_one_place() -> None:
    places = [place(path) for path in [INDEX, *listed()]]
    assert len(places) == len(set(places))


@pytest.mark.parametrize("role", ROLES)
def test_the_first_page_leads_each_user_to_a_page_of_the_own_role(role: str) -> None:
    beginning, _, _ = (ROOT / INDEX).read_text().partition("## All pages")
    assert f"(users/{role}.md)" in beginning
    text = (ROOT / "docs" / "users" / f"{role}.md").read_text()
    assert "## Where to go next" in text


def moved(text: str, monkeypatch: pytest.MonkeyPatch) -> tuple[str, Relocation]:
    commands = list(program().below)
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: text)
    pages = [PurePosixPath(path) for path in ("docs/spec.md", "docs/users/desk.md", "CONTRIBUTING.md")]
    contracts = {"contracts/src/book/MarginBook.sol": FOLDER / "MarginBook.md"}
    relocation = Relocation(pages, contracts, commands)
    return relocation.moved(PurePosixPath("docs/users/desk.md")), relocation


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[a](../spec.md#x-y)", "[a](../spec.md#x-y)"),
        ("[a\nb](../../CONTRIBUTING.md)", "[a\nb](../project/contributing.md)"),
        ("[a](#here)", "[a](#here)"),
        ("[a](https://example.org/x.md)", "[a](https://example.org/x.md)"),
        ("[the tests](../../tests)", "the tests"),
        ("[a](../../contracts/src/book/MarginBook.sol)", "[a](../reference/contracts/MarginBook.md)"),
        (
            "`account open --name x`",
            "[`account open --name x`](../reference/commands/account.md#zksolvency-account-open)",
        ),
        ("`zksolvency health`", "[`zksolvency health`](../reference/commands/health.md#zksolvency-health)"),
        ("`account\nopen`", "[`account\nopen`](../reference/commands/account.md#zksolvency-account-open)"),
        ("[`zksolvency health`](../spec.md)", "[`zksolvency health`](../spec.md)"),
        ("`A`health `zksolvency`", "`A`health `zksolvency`"),
        ("`open`, `health`, `make docs`", "`open`, `health`, `make docs`"),
        ("## `zksolvency health`", "## `zksolvency health`"),
        ("    `zksolvency health` [a](nothing.md)\n", "    `zksolvency health` [a](nothing.md)\n"),
        ("```sh\nx [a](nothing.md)\n```\n", "```sh\nx [a](nothing.md)\n```\n"),
    ],
)
def test_a_page_is_moved_with_its_links(text: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert moved(text, monkeypatch)[0] == expected


def test_a_file_that_a_page_links_to_comes_along(monkeypatch: pytest.MonkeyPatch) -> None:
    text, relocation = moved("[a](../../books/perps-13.json) ![b](../images/packages.svg)", monkeypatch)
    assert text == "[a](../files/books/perps-13.json) ![b](../images/packages.svg)"
    assert set(map(str, relocation.files)) == {"files/books/perps-13.json", "images/packages.svg"}


def test_a_link_to_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match=r"docs/nothing\.md"):
        moved("[a](../nothing.md)", monkeypatch)


def test_text_that_is_not_markdown_means_itself() -> None:
    assert escaped("a_b <c>\n  [d] `e_f|g` *h*") == r"a\_b \<c\> \[d\] `e_f|g` *h*"
    assert table(["x"], [["`a|b`"], [r"c\|d"]]) == "| x |\n| --- |\n| `a\\|b` |\n| c\\|d |"
    assert table(["x"], []) == ""


# ------------------------------------------------------------------------------------------------ glossary


def terms() -> list[list[str]]:
    """The first column of each table."""
    tables = re.findall(r"(?:^\|.*\n)+", GLOSSARY.read_text(), re.MULTILINE)
    return [[row.split("|")[1].strip() for row in rows.splitlines()[2:]] for rows in tables]


def test_the_glossary_is_sorted() -> None:
    assert len(terms()) == 5
    assert all(column == sorted(column, key=str.lower) for column in terms())


def test_the_glossary_has_words_that_the_docs_use() -> None:
    texts = " ".join((ROOT / path).read_text().lower() for path in PAGES if path.name != GLOSSARY.name)
    words = " ".join(texts.split())
    used = [word for column in terms() for row in column for word in row.lower().split(", ")]
    assert len(used) > 60
    assert [word for word in used if word not in words] == []


# ------------------------------------------------------------------------------------------------ reference


def test_every_command_is_in_the_reference_with_every_option() -> None:
    pages = command_pages()
    for each in (command for command in program().below if command.words):
        (text,) = re.findall(
            rf"^#+ {each.name}\n(.*?)(?=^#+ |\Z)", pages[COMMANDS / f"{each.words[0]}.md"], re.MULTILINE | re.DOTALL
        )
        for parameter in each.command.params:
            name = parameter.opts[0] if parameter.param_type_name == "option" else parameter.metavar
            assert f"`{name}" in text, each.name


def test_every_command_is_on_the_first_page_of_the_commands() -> None:
    index = command_pages()[COMMANDS / "index.md"]
    assert all(f"]({each.words[0]}.md)" in index for each in program().children)


def test_every_public_name_is_in_the_reference_of_python() -> None:
    pages = package_pages()
    names = public_packages()
    assert {"verifier", "prover", "prover.onchain", "prover.market"} <= set(names)
    for package in names:
        text = pages[PACKAGES / f"{package}.md"]
        missing = [name for name in import_module(package).__all__ if not re.search(rf"\b{name}\b", text)]
        assert missing == []


def test_every_reason_of_the_specification_is_on_the_page_of_errors() -> None:
    """And those of ceremonies and of keys that come from elsewhere."""
    _, _, rule = (ROOT / "docs" / "spec.md").read_text().partition("**ZS-35")
    codes = set(re.findall(r"`([a-z-]+)`", rule.partition("**ZS-36")[0]))
    assert set(refusals()) == codes | {"key-refused", "powers-of-tau-refused"}
    text = error_page()
    assert [reason for reason in refusals() if f"`{reason}`" not in text] == []


@cache
def compilation() -> Compilation:
    return compile_docs()


@pytest.mark.full
def test_every_interface_and_contract_has_a_page_with_all_that_it_has() -> None:
    pages = contract_pages(compilation())
    names = {contract.name for contract in compilation().contracts}
    assert {path.stem for path in (ROOT / "contracts" / "src" / "interfaces").glob("I*.sol")} <= names
    assert {"MarginBook", "BookVault", "RegistrarGate", "PriceRounds", "Groth16Verifier"} <= names
    for contract in compilation().contracts:
        text = pages[FOLDER / f"{contract.name}.md"]
        missing = [each.name for each in contract.entries if each.kind != "error" and each.declaration not in text]
        assert missing == []
        assert all(f"`{each.name}`" in text for each in contract.of_kind("error"))


@pytest.mark.full
def test_what_a_call_takes_is_linked_with_its_declaration() -> None:
    pages = contract_pages(compilation())
    assert "| `update` | [`StateUpdate`](types.md#stateupdate) |" in pages[FOLDER / "MarginBook.md"]
    assert "[`MarginBook.Parts`](types.md#marginbookparts)" in pages[FOLDER / "MarginBook.md"]
    assert "## MarginBook.Parts\n" in pages[FOLDER / "types.md"]
    linked = {anchor for text in pages.values() for anchor in re.findall(r"types\.md#(\w+)", text)}
    assert linked <= {each.name.replace(".", "").lower() for each in compilation().types}


@pytest.mark.full
def test_everything_in_an_interface_is_documented() -> None:
    interfaces = [contract for contract in compilation().contracts if contract.is_interface]
    silent = [f"{each.name}.{entry.name}" for each in interfaces for entry in each.entries if not entry.notice]
    assert silent == []


@pytest.mark.full
def test_the_page_of_errors_has_selector_meaning_and_calls() -> None:
    text = contract_pages(compilation())[ERRORS]
    _, _, error = text.partition("### RoundSuperseded\n")
    error, _, _ = error.partition("\n### ")
    assert "error RoundSuperseded()" in error
    assert "Thrown when a newer round than that of a proof is there." in error
    assert "`MarginBook.deposit`" in error
    assert "`MarginBook.open`" not in error
    assert "| `0xe450d38c` | [`ERC20InsufficientBalance(address,uint256,uint256)`]" in text


@pytest.mark.full
def test_what_a_call_reverts_with_is_followed_through_overrides_modifiers_and_libraries() -> None:
    reverts = Reverts(compilation())
    gate = reverts.of("RegistrarGate")
    assert gate["isSolvent"] == set()
    assert {"AccessControlUnauthorizedAccount", "CommitmentAlreadyUsed"} <= gate["register"]  # a modifier
    assert "NotAModule" not in gate["register"]
    book = reverts.of("MarginBook")
    assert "AssetIsReduceOnly" in book["deposit"]
    assert "AssetIsReduceOnly" not in book["withdraw"]
    assert "WrongTokens" in book["constructor"]
    assert "OtherPriceSource" in reverts.of("BookGate")["flag"]  # a base calls what the gate overrides
    assert "AccessControlUnauthorizedAccount" in gate["grantRole"]  # by super
    assert "NotTheVault" not in reverts.of("BookVault")["payOut"]  # of a call to itself from outside, which it catches


# ------------------------------------------------------------------------------------------------ the site itself


class Links(HTMLParser):
    """What a page loads, links to, and where a link to it may lead."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.linked: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.anchors.add(values.get("id", ""))
        if "src" in values or (tag == "link" and "href" in values):
            self.loaded.append(values.get("src", values.get("href", "")))
        elif tag == "a" and "href" in values:
            self.linked.append(values["href"])


def targets(page: Path, links: list[str]) -> Iterator[tuple[Path, str]]:
    for link in links:
        parts = urlsplit(link)
        if not parts.scheme:
            yield (page.parent / unquote(parts.path)).resolve() if parts.path else page, unquote(parts.fragment)


@pytest.mark.deep
def test_the_site_is_built_without_a_warning_and_needs_nothing_but_its_files() -> None:
    done = subprocess.run([sys.executable, "-m", "tools.site"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    html = ROOT / "build" / "docs" / "html"
    pages = {path: Links(path.read_text()) for path in html.rglob("*.html")}
    assert len(pages) > 100
    for path, page in pages.items():
        assert [link for link in page.loaded if urlsplit(link).scheme not in {"", "data"}] == [], path
        for target, anchor in targets(path, [*page.loaded, *page.linked]):
            assert target.exists(), (path, target)
            assert not anchor or target not in pages or anchor in pages[target].anchors, (path, target, anchor)
