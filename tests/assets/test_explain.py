"""From a base value back to the delivered rows."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

import pytest
from deliveries import FIRM, KEY, NOW, ZHANG, Province, certificate, enterprise, registered

from assets import identifiers
from assets.explain import UnknownKey, explain, keys_like, masked
from assets.tables import enterprise as ent
from assets.tables import personnel

HOUR = timedelta(hours=1)


def test_every_version_leads_to_its_file_row_and_sender(province: Province) -> None:
    first = province.deliver("market_registry", "registration", [enterprise()])
    province.collect(NOW)
    second = province.deliver(
        "market_registry", "registration", [enterprise(reg_capt="300")], name="2"
    )
    province.collect(NOW + HOUR)
    told = explain(province.store, ent.REGISTRY, {"usc_code": FIRM}, province.channels)
    new, old = told.versions
    assert (new.known_from, new.known_to) == (NOW + HOUR, None)
    assert (old.known_from, old.known_to, old.ended_by) == (NOW, NOW + HOUR, "superseded")
    for version, path, capital in ((new, second, "300"), (old, first, "200")):
        assert version.source is not None
        assert version.source.file_name == path.name
        assert version.source.file_sha256 == sha256(path.read_bytes()).hexdigest()
        assert (version.source.channel, version.source.row_no) == ("market_registry", 1)
        assert version.source.row["reg_capt"] == capital


def test_a_value_that_is_not_believed_is_kept_with_who_told_it(province: Province) -> None:
    province.deliver("market_registry", "registration", [enterprise(addr="新址")])
    province.deliver("construction", "certificate", [certificate(Address="旧址")])
    province.collect(NOW)
    assert province.read(ent.REGISTRY)["address"].to_list() == ["新址"]
    told = explain(province.store, ent.REGISTRY, {"usc_code": FIRM}, province.channels)
    [address] = [lost for lost in told.lost if lost.column == "address"]
    assert (address.feed, address.told, address.held) == (
        "construction.certificate",
        "旧址",
        "新址",
    )
    assert address.source is not None
    assert address.source.row["Address"] == "旧址"


def test_an_old_print_fills_nothing_that_the_registry_leaves_out(province: Province) -> None:
    province.deliver("market_registry", "registration", [enterprise()])
    province.deliver("construction", "certificate", [certificate(Address="旧址")])
    province.collect(NOW)
    assert province.read(ent.REGISTRY)["address"].to_list() == [None]


@pytest.mark.parametrize(("identity", "held"), [("李四", "李四"), ("", "张三")])
def test_identity_is_believed_before_a_register_and_a_register_before_nothing(
    province: Province, identity: str, held: str
) -> None:
    province.deliver("public_security", "identity", [{"GMSFHM": ZHANG, "XM": identity}])
    province.deliver("constructor_registry", "registration", [registered(PersonName="张三")])
    province.collect(NOW)
    assert province.read(personnel.PERSON)["name"].to_list() == [held]


def test_what_names_a_person_is_masked(province: Province) -> None:
    province.deliver("public_security", "identity", [{"GMSFHM": ZHANG, "XM": "张三丰"}])
    province.collect(NOW)
    key = {"person_key": identifiers.person_key(ZHANG, KEY)}
    told = explain(province.store, personnel.PERSON, key, province.channels)
    [version] = told.versions
    assert version.source is not None
    assert (version.values["id_number"], version.values["name"]) == (
        "330***********0013",
        "张**",
    )
    assert (version.source.row["GMSFHM"], version.source.row["XM"]) == (
        "330***********0013",
        "张**",
    )
    assert ZHANG not in repr(told)
    assert "三" not in repr(told)


@pytest.mark.parametrize("text", ["1234567", "12", "330199850312001", ZHANG])
def test_a_masked_number_shows_at_most_its_ends(text: str) -> None:
    assert "*" in masked(text)
    assert sum(c.isdigit() for c in masked(text)) <= 7
    assert len(text) > 7 or not any(c.isdigit() for c in masked(text))


def test_a_row_set_apart_is_told_with_its_reasons(province: Province) -> None:
    province.deliver("market_registry", "registration", [enterprise(reg_state="?")])
    province.collect(NOW)
    told = explain(province.store, ent.REGISTRY, {"usc_code": FIRM}, province.channels)
    assert told.versions == []
    assert [apart.reasons for apart in told.apart] == [["state_code:unknown_code"]]


def test_a_part_of_a_key_lists_the_keys_and_an_unknown_one_says_so(province: Province) -> None:
    province.deliver(
        "constructor_registry", "registration", [registered(), registered(CertNum="浙233151600124")]
    )
    province.collect(NOW)
    keys = keys_like(province.store, personnel.REGISTRATION, {"usc_code": FIRM})
    assert [key["registration_no"] for key in keys] == ["浙233151600123", "浙233151600124"]
    with pytest.raises(
        UnknownKey, match=r"没有此键.*registration_no=X；请核对.*usc_code=….* lists"
    ):
        keys_like(province.store, personnel.REGISTRATION, {"registration_no": "X"})
    near = "keys like it: registration_no=浙233151600123, 浙233151600124"
    with pytest.raises(UnknownKey, match=near):
        keys_like(province.store, personnel.REGISTRATION, {"registration_no": "浙233151600129"})
    with pytest.raises(UnknownKey, match="no key column"):
        keys_like(province.store, personnel.REGISTRATION, {"name": "X"})
