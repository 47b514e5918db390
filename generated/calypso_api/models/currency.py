from __future__ import annotations

from typing import Final

from .._open_enum import OpenEnum


class Currency(OpenEnum):
    """Codes of currencies that the vendor's pages have named. No page states that these are all, or
    that each is still taken: fields and arguments are plain text, for which these are the values to
    choose from. The suffix names the chain. Coins that are sent over another chain than the address
    is for are lost.

    Inferred, not documented. Collected from examples; the vendor's own list was not visible. BUSD,
    BUSD_ETH, BTC_LNG and UST were last seen in 2022. MATIC is named POL since. Networks and kinds
    follow from the suffixes.

    Source: docs.calypso.money/accounts/how-to-get-balances-for-a-specific-account,
    github.com/aidma/calypso-docs.github.io (inferred, 2026).
    """

    BTC = "BTC"
    LTC = "LTC"
    XDG = "XDG"
    ETH = "ETH"
    BNB = "BNB"
    TRX = "TRX"
    POL = "POL"
    MATIC = "MATIC"
    USDT = "USDT"
    USDT_TRX = "USDT_TRX"
    USDT_BSC = "USDT_BSC"
    USDT_MATIC = "USDT_MATIC"
    USDC = "USDC"
    USDC_TRX = "USDC_TRX"
    DAI = "DAI"
    FRAX = "FRAX"
    BUSD = "BUSD"
    BUSD_ETH = "BUSD_ETH"
    BTC_LNG = "BTC_LNG"
    UST = "UST"

    @property
    def network(self) -> str | None:
        """The chain that it is sent over; None where that is not known."""
        return _NETWORK.get(self.value)

    @property
    def kind(self) -> str | None:
        """Whether it is the coin of its chain or a token on it; None where that is not known."""
        return _KIND.get(self.value)


_NETWORK: Final = {
    "BTC": "Bitcoin",
    "LTC": "Litecoin",
    "XDG": "Dogecoin",
    "ETH": "Ethereum",
    "BNB": "BNB Smart Chain",
    "TRX": "Tron",
    "POL": "Polygon",
    "MATIC": "Polygon",
    "USDT": "Ethereum",
    "USDT_TRX": "Tron",
    "USDT_BSC": "BNB Smart Chain",
    "USDT_MATIC": "Polygon",
    "USDC": "Ethereum",
    "USDC_TRX": "Tron",
    "DAI": "Ethereum",
    "FRAX": "Ethereum",
    "BUSD_ETH": "Ethereum",
    "BTC_LNG": "Lightning",
}


_KIND: Final = {
    "BTC": "coin",
    "LTC": "coin",
    "XDG": "coin",
    "ETH": "coin",
    "BNB": "coin",
    "TRX": "coin",
    "POL": "coin",
    "MATIC": "coin",
    "USDT": "token",
    "USDT_TRX": "token",
    "USDT_BSC": "token",
    "USDT_MATIC": "token",
    "USDC": "token",
    "USDC_TRX": "token",
    "DAI": "token",
    "FRAX": "token",
    "BUSD": "token",
    "BUSD_ETH": "token",
    "BTC_LNG": "coin",
    "UST": "token",
}
