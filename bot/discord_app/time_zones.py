"""Time zones as people name them: by place, country, abbreviation and offset."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, available_timezones

FIRST_ZONES = (
    "UTC",
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Africa/Nairobi",
    "Asia/Kolkata",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Sydney",
)
"""Offered before anything is typed."""

NO_PLACES = frozenset({"localtime", "factory"})
"""Names in the database of zones that stand for no place."""

PLACES = {
    "Europe/Berlin": (
        "munich munchen hamburg cologne koln frankfurt stuttgart dusseldorf leipzig dresden bonn"
        " hannover heidelberg karlsruhe tubingen freiburg aachen darmstadt potsdam"
        " saarbrucken gottingen erlangen nuremberg nurnberg mainz marburg jena kiel rostock"
        " wurzburg munster augsburg bremen dortmund essen bochum konstanz ulm kassel magdeburg"
        " cest central_european_time frankfurt_am_main"
    ),
    "Europe/Zurich": ("geneva geneve basel bern lausanne lugano st_gallen neuchatel winterthur"),
    "Europe/Vienna": "wien graz salzburg linz innsbruck",
    "Europe/Rome": (
        "milan milano turin torino naples florence bologna roma trento venice pisa"
        " padua padova siena pavia palermo genoa genova"
    ),
    "Europe/Paris": (
        "lyon marseille toulouse grenoble lille bordeaux nice strasbourg nantes saclay"
        " rennes montpellier nancy orsay sophia_antipolis"
    ),
    "Europe/Madrid": (
        "barcelona valencia seville bilbao granada spain malaga zaragoza salamanca san_sebastian"
    ),
    "Europe/Lisbon": ("porto lisboa coimbra portugal braga western_european_time"),
    "Europe/London": (
        "england scotland wales manchester edinburgh oxford glasgow bristol leeds liverpool cardiff"
        " sheffield britain great_britain uk bst united_kingdom"
        " newcastle nottingham southampton warwick coventry exeter bath leicester st_andrews"
    ),
    "Europe/Amsterdam": (
        "rotterdam the_hague utrecht delft eindhoven holland leiden groningen"
        " nijmegen tilburg maastricht enschede wageningen"
    ),
    "Europe/Brussels": ("antwerp ghent leuven bruxelles liege namur brugge gent"),
    "Europe/Stockholm": "gothenburg goteborg uppsala lund malmo linkoping",
    "Europe/Copenhagen": "aarhus odense kobenhavn",
    "Europe/Oslo": "bergen trondheim",
    "Europe/Helsinki": "espoo tampere turku",
    "Europe/Warsaw": "krakow cracow wroclaw gdansk poznan warszawa",
    "Europe/Prague": "brno praha czech_republic",
    "Europe/Athens": ("thessaloniki patras heraklion crete eest eastern_european_time"),
    "Europe/Moscow": "saint_petersburg st_petersburg moskva msk",
    "Europe/Kyiv": "lviv kharkiv odesa odessa",
    "Europe/Istanbul": "ankara izmir turkey",
    "Asia/Jerusalem": "tel_aviv haifa",
    "Asia/Dubai": "abu_dhabi uae",
    "Asia/Riyadh": "jeddah thuwal",
    "Asia/Tehran": "isfahan",
    "Asia/Kolkata": (
        "delhi new_delhi mumbai bombay bangalore bengaluru chennai madras hyderabad pune kanpur"
        " calcutta ahmedabad kharagpur"
        " roorkee varanasi guwahati kochi jaipur lucknow"
    ),
    "Asia/Karachi": "lahore islamabad pkt",
    "Asia/Shanghai": (
        "beijing peking shenzhen guangzhou hangzhou nanjing wuhan chengdu tianjin xian suzhou hefei"
        " xiamen dalian china"
        " harbin changsha qingdao jinan shenyang zhengzhou kunming"
    ),
    "Asia/Hong_Kong": "hkt",
    "Asia/Taipei": "hsinchu tainan kaohsiung",
    "Asia/Tokyo": "osaka kyoto nagoya yokohama sapporo fukuoka sendai tsukuba jst",
    "Asia/Seoul": "busan daejeon incheon south_korea kst",
    "Asia/Singapore": "sgt",
    "Asia/Ho_Chi_Minh": "hanoi saigon vietnam",
    "Asia/Jakarta": "bandung surabaya wib",
    "Asia/Kuala_Lumpur": "penang",
    "Asia/Bangkok": "chiang_mai",
    "America/New_York": (
        "boston washington washington_dc philadelphia atlanta miami pittsburgh baltimore"
        " cambridge_massachusetts cambridge,_ma"
        " princeton new_haven ithaca cleveland charlotte orlando columbus"
        " buffalo raleigh durham nyc florida massachusetts virginia pennsylvania new_jersey"
        " north_carolina ohio est edt et eastern eastern_time est5edt"
        " rochester syracuse providence hartford richmond charlottesville gainesville amherst"
        " college_park blacksburg"
    ),
    "America/Detroit": "ann_arbor michigan",
    "America/Chicago": (
        "houston dallas austin san_antonio minneapolis st_louis new_orleans milwaukee madison"
        " nashville kansas_city texas illinois wisconsin minnesota cdt ct central central_time cst6cdt"
        " urbana champaign urbana_champaign evanston iowa_city memphis college_station oklahoma_city"
    ),
    "America/Denver": (
        "boulder salt_lake_city albuquerque colorado utah mst mdt mt mountain mountain_time mst7mdt"
    ),
    "America/Phoenix": "tucson arizona tempe",
    "America/Los_Angeles": (
        "san_francisco seattle san_diego san_jose portland las_vegas palo_alto berkeley stanford"
        " mountain_view pasadena irvine oakland sacramento la sf bay_area california oregon pst pdt"
        " pt pacific pacific_time pst8pdt washington_state"
        " santa_barbara santa_cruz davis eugene riverside la_jolla cupertino redmond"
    ),
    "Pacific/Honolulu": "hawaii hst",
    "America/Anchorage": ("alaska akst akdt"),
    "America/Toronto": "ottawa waterloo ontario montreal quebec quebec_city",
    "America/Edmonton": "calgary alberta",
    "America/Vancouver": "victoria british_columbia",
    "America/Halifax": ("nova_scotia ast adt atlantic_time"),
    "America/Sao_Paulo": "rio rio_de_janeiro brasilia belo_horizonte campinas porto_alegre brt",
    "America/Argentina/Buenos_Aires": "rosario",
    "America/Santiago": "valparaiso concepcion",
    "America/Bogota": "medellin cali",
    "America/Mexico_City": "guadalajara puebla",
    "Africa/Johannesburg": "cape_town pretoria durban sast",
    "Africa/Lagos": "abuja ibadan",
    "Africa/Cairo": "alexandria giza",
    "Africa/Nairobi": "mombasa",
    "Australia/Sydney": "canberra aest aedt",
    "Australia/Melbourne": "geelong",
    "Australia/Brisbane": "gold_coast queensland",
    "Australia/Perth": "awst",
    "Pacific/Auckland": "wellington christchurch nzst nzdt new_zealand",
    "UTC": ("utc gmt z zulu ut coordinated_universal_time greenwich gmt0 gmt+0 gmt-0 utc+0 utc-0 etc/utc"),
}
"""Well-known places without a zone of their own name, and abbreviations that people take for their clock."""

SEVERAL = {
    "cst": ("America/Chicago", "Asia/Shanghai"),
    "ist": ("Asia/Kolkata", "Asia/Jerusalem", "Europe/Dublin"),
    "cambridge": ("Europe/London", "America/New_York"),
    "birmingham": ("Europe/London", "America/Chicago"),
}
"""What may be several places."""

_COUNTRIES = {
    "usa": "US",
    "us": "US",
    "america": "US",
    "united_states_of_america": "US",
    "russia": "RU",
    "deutschland": "DE",
    "osterreich": "AT",
    "schweiz": "CH",
    "suisse": "CH",
    "svizzera": "CH",
    "italia": "IT",
    "espana": "ES",
    "brasil": "BR",
    "sverige": "SE",
    "norge": "NO",
    "danmark": "DK",
    "suomi": "FI",
    "polska": "PL",
    "turkiye": "TR",
    "nederland": "NL",
    "belgie": "BE",
    "belgique": "BE",
}
"""Names that the table of countries has not."""
_AROUND = re.compile(
    r"^\([^)]*\)_?|_(?:city|time|timezone|time_zone|tz|zone)$|_(?:standard|daylight|summer)(?=_time$)"
)
"""What people write around a place, or copy with it: "(UTC+01:00) Berlin", "Berlin time"."""
_OFFSET = re.compile(r"(?:utc|gmt)?_?([+−–-])_?(\d{1,2})(?::?([0-5]\d))?", re.ASCII)
_ODD_OFFSETS = {
    210: "Asia/Tehran",
    270: "Asia/Kabul",
    330: "Asia/Kolkata",
    345: "Asia/Kathmandu",
    390: "Asia/Yangon",
    525: "Australia/Eucla",
    570: "Australia/Darwin",
    -570: "Pacific/Marquesas",
}
"""The places whose clock is always so many minutes from UTC."""
_FIXED = re.compile(r"Etc/GMT([+-])(\d{1,2})")


def zone_words(zone: str) -> str:
    """A zone as people write it, such as "Europe/Berlin" or "UTC+2"."""
    found = _FIXED.fullmatch(zone)
    return zone if found is None else f"UTC{'-' if found[1] == '+' else '+'}{found[2]}"


def zones_meant(typed: str) -> tuple[str, ...]:
    """The zones that a place, a country, an abbreviation or an offset may mean; none where it is none."""
    key = _key(typed)
    if key in NO_PLACES:
        return ()
    if key in SEVERAL:
        return SEVERAL[key]
    if (zone := _places().get(key)) is not None:
        return (zone,)
    if (offset := _OFFSET.fullmatch(key)) is not None:
        return _at_offset(offset)
    if (zone := _names().get(key)) is not None:
        return (zone,)
    if country := _of_country(key):
        return country
    if (shorter := _AROUND.sub("", key)) != key:
        return zones_meant(shorter)
    place, comma, _ = typed.partition(",")
    if comma:
        return zones_meant(place)
    one_word = key.replace("_", "")
    zone = next((zone for name, zone in (_names() | _places()).items() if _one_word(name) == one_word), None)
    return (zone,) if zone is not None and one_word else ()


def _one_word(name: str) -> str:
    """A name without what stands between its words: "europeberlin", "newyork"."""
    return name.replace("_", "").replace("/", "")


def suggest_zones(typed: str, now: dt.datetime) -> list[tuple[str, str]]:
    """Zones for what has been typed so far, as (label, zone): what it means comes first."""
    key = _key(typed)
    if not key:
        return [(zone, zone) for zone in FIRST_ZONES]
    found: dict[str, str] = {zone: _label(typed, zone) for zone in zones_meant(typed)}
    if _OFFSET.fullmatch(key):
        offsets = {now.astimezone(ZoneInfo(zone)).utcoffset() for zone in found}
        now_there = [zone for zone in FIRST_ZONES if now.astimezone(ZoneInfo(zone)).utcoffset() in offsets]
        found |= {zone: f"{zone} (now at this offset)" for zone in now_there if zone not in found}
    for place, zone in sorted(_places().items()):
        if len(key) > 2 and place.startswith(key):
            found.setdefault(zone, _label(place.replace("_", " "), zone))
    listed = [zone for name, zone in _names().items() if key in name]
    listed.sort(key=lambda zone: not _key(zone.rpartition("/")[2]).startswith(key))
    for zone in listed:
        found.setdefault(zone, zone)
    return [(label, zone) for zone, label in found.items()]


def _label(typed: str, zone: str) -> str:
    shown, words = " ".join(typed.split()), zone_words(zone)
    if zone != words:
        return f"{words} (always, without summer time)"
    return (
        words
        if _key(shown) in _key(words)
        else f"{shown.title() if len(shown) > 4 else shown.upper()}: {words}"
    )


def _key(text: str) -> str:
    """Small letters without accents, with _ between words."""
    plain = "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    return re.sub(r"[\s_]+", "_", re.sub(r"\s*/\s*", "/", plain.casefold().replace(".", "").strip()))


@cache
def _names() -> dict[str, str]:
    """All zones by their names and, where only one place has it, by the place's own name."""
    zones = sorted(zone for zone in available_timezones() if _key(zone) not in NO_PLACES | _places().keys())
    names = {_key(zone): zone for zone in zones}
    listed = {zone for zones in _zones_of_countries().values() for zone in zones}
    for zone in sorted(zones, key=lambda zone: zone in listed):  # the names of today last, so that they win
        if "/" in zone and not zone.startswith(("Etc/", "SystemV/", "posix/", "right/")):
            place = _key(zone.rpartition("/")[2])
            if place not in names or names[place] not in listed:
                names[place] = zone
    return names


@cache
def _places() -> dict[str, str]:
    return {place: zone for zone, places in PLACES.items() for place in places.split()}


def _at_offset(offset: re.Match[str]) -> tuple[str, ...]:
    """The fixed zone of an offset as people write it: UTC+2 is two hours before UTC's clock shows it."""
    minutes = (int(offset[2]) * 60 + int(offset[3] or 0)) * (1 if offset[1] == "+" else -1)
    if minutes % 60:
        return (_ODD_OFFSETS[minutes],) if minutes in _ODD_OFFSETS else ()
    hours = minutes // 60
    if not hours:
        return ("UTC",)
    # The database counts the other way round.
    return (f"Etc/GMT{-hours:+d}",) if -12 <= hours <= 14 else ()


def _of_country(key: str) -> tuple[str, ...]:
    """The zones of a country, one of each kind of clock."""
    code = _COUNTRIES.get(key) or _countries().get(key)
    clocks: dict[tuple[dt.timedelta | None, ...], str] = {}
    # Where a country has several clocks, the ones of well-known places come first.
    for zone in sorted(_zones_of_countries().get(code or "", ()), key=lambda zone: zone not in PLACES):
        seasons = (dt.datetime(2026, month, 1, tzinfo=ZoneInfo(zone)).utcoffset() for month in (1, 4, 7, 10))
        clocks.setdefault(tuple(seasons), zone)
    return tuple(clocks.values())


@cache
def _countries() -> dict[str, str]:
    return {_key(name.partition("(")[0]): code for code, name in _rows("iso3166.tab")}


@cache
def _zones_of_countries() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for code, _, zone, *_comment in _rows("zone.tab"):
        found[code] = (*found.get(code, ()), zone)
    return found


def _rows(table: str) -> Iterator[list[str]]:
    """The rows of a table of the zones' database."""
    text = (files("tzdata") / "zoneinfo" / table).read_text(encoding="utf-8")
    return (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
