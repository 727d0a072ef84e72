"""The labels, written once: 25 sectors of cooperation and 4 stances on the war in Ukraine."""

from collections.abc import Iterable
from enum import StrEnum


class Sector(StrEnum):
    """A field of cooperation; `crs` is the nearest OECD DAC CRS code, `parent` the sector it always brings."""

    crs: str
    _parent_id: str | None
    __hash__ = str.__hash__  # an enum's own hash is Python code, and sectors are keys all along the hot path

    def __new__(cls, value: str, crs: str, parent_id: str | None = None) -> "Sector":
        """Make a member of its id, its CRS code and its parent's id."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.crs = crs
        member._parent_id = parent_id
        return member

    @property
    def parent(self) -> "Sector | None":
        """The sector that this one always brings with it (codebook S4)."""
        return Sector[self._parent_id.upper()] if self._parent_id else None

    TRADE_INVESTMENT = "trade_investment", "331, 250"
    FINANCE = "finance", "240"
    INDUSTRY = "industry", "321"
    AGRICULTURE = "agriculture", "311, 312, 313"
    CRITICAL_RAW_MATERIALS = "critical_raw_materials", "322"
    ENERGY = "energy", "230"
    OIL_GAS = "oil_gas", "232", "energy"
    RENEWABLE_ENERGY = "renewable_energy", "231", "energy"
    HYDROGEN = "hydrogen", "231", "energy"
    NUCLEAR_ENERGY = "nuclear_energy", "235", "energy"
    WATER = "water", "140"
    TRANSPORT = "transport", "210"
    RAIL_TRANSPORT = "rail_transport", "21030", "transport"
    EDUCATION = "education", "110"
    SCIENCE = "science", "43082"
    HEALTH = "health", "120"
    CULTURE = "culture", "16061"
    TOURISM = "tourism", "332"
    DIGITAL = "digital", "220"
    SPACE = "space", "43082"
    ENVIRONMENT = "environment", "410"
    DEFENCE_SECURITY = "defence_security", "152"
    JUSTICE = "justice", "151, 16063"
    MIGRATION = "migration", "15190"
    HUMANITARIAN_AID = "humanitarian_aid", "720, 998"


class Stance(StrEnum):
    """The posture of a statement on the war in Ukraine."""

    SUPPORTS_UKRAINE = "supports_ukraine"
    BALANCED = "balanced"
    SUPPORTS_RUSSIA = "supports_russia"
    NOT_ADDRESSED = "not_addressed"


def with_parents(sectors: Iterable[Sector]) -> set[Sector]:
    """The sectors and the parents that they bring (codebook S4)."""
    chosen = set(sectors)
    return chosen | {sector.parent for sector in chosen if sector.parent is not None}
