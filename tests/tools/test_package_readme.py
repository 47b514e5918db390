"""The description of the package: README.md without relative links."""

from __future__ import annotations

from tools.package_readme import description

TEXT = (
    "See [docs/usage.md](docs/usage.md), [the\nlog](CHANGELOG.md#added), [us](https://a.example/x)."
)


def test_links_lead_to_the_repository_when_it_has_an_address() -> None:
    at = "https://forge.example/pay/blob/HEAD"

    assert description(TEXT, "https://forge.example/pay/") == (
        f"See [docs/usage.md]({at}/docs/usage.md), [the\nlog]({at}/CHANGELOG.md#added), "
        "[us](https://a.example/x)."
    )


def test_without_an_address_links_become_the_names_of_their_files() -> None:
    first, last = description(TEXT, "").splitlines()[:2]

    assert first == "See `docs/usage.md`, the"
    assert last == "log (`CHANGELOG.md`), [us](https://a.example/x)."


def test_an_image_becomes_a_link_or_the_name_of_its_file() -> None:
    image = "![A chart](docs/a.svg)"

    assert description(image, "https://forge.example/pay") == (
        "[A chart](https://forge.example/pay/blob/HEAD/docs/a.svg)"
    )
    assert description(image, "").startswith("A chart (`docs/a.svg`)")
