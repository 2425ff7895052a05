"""Simulated people with records in several channels, and who is who: the truth that links are judged by."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench import linkage


def _words(text):
    return text.split()


GIVEN = _words(
    "James Mary John Patricia Robert Jennifer Michael Linda William Elizabeth David Barbara Richard Susan "
    "Joseph Jessica Thomas Sarah Charles Karen Daniel Nancy Matthew Lisa Anthony Betty Mark Helen Donald "
    "Sandra Steven Ashley Paul Kimberly Andrew Emily Joshua Donna Kenneth Michelle Kevin Carol Brian Amanda "
    "George Dorothy Edward Melissa Ronald Deborah Timothy Stephanie Jason Rebecca Jeffrey Sharon Ryan Laura "
    "Jacob Cynthia Gary Kathleen Nicholas Amy Eric Angela Jonathan Shirley Stephen Anna Larry Brenda Justin"
)
SURNAMES = _words(
    "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez "
    "Wilson Anderson Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark "
    "Lewis Robinson Walker Young Allen King Wright Scott Torres Nguyen Hill Flores Green Adams Nelson Baker "
    "Hall Rivera Campbell Mitchell Carter Roberts Gomez Phillips Evans Turner Diaz Parker Cruz Edwards "
    "Collins Reyes Stewart Morris Morales Murphy Cook Rogers Gutierrez Ortiz Morgan Cooper Peterson Bailey "
    "Reed Kelly Howard Ramos Kim Cox Ward Richardson Watson Brooks Chavez Wood Bennett Gray Mendoza Ruiz "
    "Hughes Price Alvarez Castillo Sanders Patel Myers Long Ross Foster Jimenez Powell Jenkins Perry Russell"
)
STREETS = _words(
    "High Church Park Victoria Station London Mill School Green Queen King Chester Albert Manor Bridge Oak"
)
KINDS = {"Street": "St", "Road": "Rd", "Avenue": "Ave", "Lane": "Ln"}
TOWNS = _words("Leeds Bristol York Bath Derby Exeter Lincoln Oxford Durham Preston")
# Surnames and letters of given names about as unequal in frequency as they are in China.
XING = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
MING = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰红建国文辉力健世广志义兴良海山仁波宁贵福生龙元全"
    "胜学祥才发武新利清飞彬富顺信子浩宇轩梓涵欣怡雨佳琪嘉俊熙思晨语桐诗梦瑶雪"
)
SAME_SOUND = str.maketrans("晨梓涵怡佳琪俊杰伟静", "辰子寒宜嘉棋峻洁玮婧")
ROADS = _words("中山路 人民路 解放路 建设路 和平路 长江路 南京路 北京路 文化路 新华街 胜利街 光明街")
CITIES = _words("杭州市西湖区 上海市浦东新区 北京市朝阳区 广州市天河区 成都市武侯区 南京市鼓楼区")
DOMAINS = {
    "en": _words("gmail.com outlook.com yahoo.com icloud.com"),
    "zh": _words("qq.com 163.com 126.com sina.com"),
}
SAME_HOUSEHOLD = 0.15  # of the people live with another customer: same address and, half of them, one phone
RECORDS = (0.6, 0.28, 0.12)  # share of people with one, two, three records
MISSING = {"name": 0.03, "phone": 0.10, "email": 0.18, "address": 0.25}
CHANGED = {"phone": 0.08, "email": 0.12, "address": 0.08}  # a record holds another true value


def simulate(n_people: int = 3_000, seed: int = 1, language: str = "both") -> pd.DataFrame:
    """Records of `n_people`: id, channel, name, phone, email, address, and person (the truth)."""
    rng = np.random.default_rng(seed)
    people = [_person(rng, language) for _ in range(n_people)]
    for i in np.flatnonzero(rng.random(n_people) < SAME_HOUSEHOLD):
        _move_in(rng, people[i], people[int(rng.integers(n_people))])
    rows = []
    for person, one in enumerate(people):
        for channel in rng.permutation(["web", "shop", "hotline"])[: 1 + rng.choice(3, p=RECORDS)]:
            rows.append({"person": person, "channel": channel} | _record(rng, one))
    frame = pd.DataFrame(rows).sample(frac=1, random_state=seed).reset_index(drop=True)
    frame.insert(0, "id", [f"c{i:06d}" for i in rng.permutation(len(frame))])
    return frame


def true_pairs(frame: pd.DataFrame, group: str = "person") -> set[tuple[str, str]]:
    """The pairs of ids that share a value of `group`."""
    found = set()
    for ids in frame.groupby(group)["id"]:
        inside = sorted(ids[1])
        found |= {(a, b) for i, a in enumerate(inside) for b in inside[i + 1 :]}
    return found


def _pick(rng, values):
    return values[int(rng.integers(len(values)))]


def _zipf(rng, values):
    weights = 1 / np.arange(2, len(values) + 2)
    return values[int(rng.choice(len(values), p=weights / weights.sum()))]


def _person(rng, language):
    tongue = language if language != "both" else ("zh" if rng.random() < 0.5 else "en")
    if tongue == "zh":
        surname = _zipf(rng, XING)
        given = _pick(rng, MING) + (_pick(rng, MING) if rng.random() < 0.75 else "")
    else:
        surname, given = _zipf(rng, SURNAMES), _pick(rng, GIVEN)
    return {"tongue": tongue, "surname": surname, "given": given, "born": int(rng.integers(40, 100))} | {
        "phone": _phone(rng, tongue),
        "email": _email(rng, tongue, given, surname),
        "address": _address(rng, tongue),
    }


def _move_in(rng, guest, host):
    guest["tongue"], guest["address"] = host["tongue"], host["address"]
    fresh = _person(rng, host["tongue"])
    guest["given"], guest["email"] = fresh["given"], fresh["email"]
    guest["surname"] = host["surname"] if rng.random() < 0.7 else fresh["surname"]
    guest["phone"] = host["phone"] if rng.random() < 0.5 else fresh["phone"]


def _phone(rng, tongue):
    if tongue == "zh":
        return _pick(rng, ["138", "139", "150", "186", "177"]) + f"{rng.integers(10**8):08d}"
    return _pick(rng, ["07700", "07911", "07400", "01632"]) + f"{rng.integers(10**6):06d}"


def _email(rng, tongue, given, surname):
    if tongue == "zh":
        return f"{rng.integers(10**7, 10**10)}@{_pick(rng, DOMAINS['zh'])}"
    local = _pick(rng, [f"{given}.{surname}", f"{given[0]}{surname}", f"{surname}{given}"]).lower()
    return f"{local}{rng.integers(1, 1000)}@{_pick(rng, DOMAINS['en'])}"


def _address(rng, tongue):
    if tongue == "zh":
        street = f"{_pick(rng, CITIES)}{_pick(rng, ROADS)}{rng.integers(1, 900)}号"
        return f"{street}{rng.integers(1, 30)}栋{rng.integers(101, 2600)}室"
    return f"{rng.integers(1, 300)} {_pick(rng, STREETS)} {_pick(rng, list(KINDS))}, {_pick(rng, TOWNS)}"


def _record(rng, one):
    written = {"name": _name(rng, one)}
    for field, write in (("phone", _dial), ("email", _mail), ("address", _post)):
        changed = rng.random() < CHANGED[field]
        fresh = {"phone": _phone, "address": _address}.get(field)
        value = one[field]
        if changed:
            value = (
                fresh(rng, one["tongue"])
                if fresh
                else _email(rng, one["tongue"], one["given"], one["surname"])
            )
        written[field] = write(rng, value, one["tongue"])
    lost = [field for field, share in MISSING.items() if rng.random() < share]
    for field in lost:
        if field != "email" or "phone" not in lost:  # an account needs one of both to be opened
            written[field] = _filler(rng, field)
    return written


def _filler(rng, field):
    """What a form that insists on a value is given: mostly nothing, sometimes the same as everybody's."""
    fillers = {"phone": "13800000000", "email": "test@test.com", "address": "无", "name": "unknown"}
    return fillers[field] if rng.random() < 0.15 else None


def _typo(rng, text):
    at = int(rng.integers(1, len(text)))
    kind = rng.integers(3)
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1 and at + 1 < len(text):
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + text[at - 1] + text[at:]


def _name(rng, one):
    if one["tongue"] == "zh":
        given = one["given"].translate(SAME_SOUND) if rng.random() < 0.1 else one["given"]
        return one["surname"] + (" " if rng.random() < 0.05 else "") + given
    given = one["given"][0] + "." if rng.random() < 0.05 else one["given"]
    name = f"{one['surname']}, {given}" if rng.random() < 0.2 else f"{given} {one['surname']}"
    name = _typo(rng, name) if rng.random() < 0.06 else name
    return name.upper() if rng.random() < 0.1 else name


def _dial(rng, phone, tongue):
    if rng.random() < 0.03:
        at = int(rng.integers(4, len(phone)))
        phone = phone[:at] + str((int(phone[at]) + int(rng.integers(1, 10))) % 10) + phone[at + 1 :]
    form = rng.random()
    if tongue == "zh":
        if form < 0.15:
            return "+86 " + phone
        return (
            f"{phone[:3]}-{phone[3:7]}-{phone[7:]}"
            if form < 0.3
            else ("0086" + phone if form < 0.35 else phone)
        )
    if form < 0.2:
        return "+44 " + phone[1:]
    return f"({phone[:5]}) {phone[5:]}" if form < 0.35 else phone


def _mail(rng, email, tongue):
    local, domain = email.split("@")
    if rng.random() < 0.03:
        local = _typo(rng, local)
    if domain == "gmail.com" and rng.random() < 0.15:
        local += "+shop"
    email = f"{local}@{domain}"
    return email.upper() if rng.random() < 0.08 else email


def _post(rng, address, tongue):
    if tongue == "zh":
        if rng.random() < 0.3:
            address = address.split("区", 1)[1]
        return (
            address.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
            if rng.random() < 0.1
            else address
        )
    if rng.random() < 0.5:
        for whole, short in KINDS.items():
            address = address.replace(f" {whole},", f" {short},")
    return address.split(",")[0] if rng.random() < 0.15 else address


@dataclass(frozen=True)
class Judged:
    """A proposal beside the truth."""

    records: pd.DataFrame
    proposal: linkage.Proposal
    out: Path

    @cached_property
    def truth(self):
        return true_pairs(self.records)

    @cached_property
    def proposed(self):
        """The pairs that the link table would merge, those that only a third record joins among them."""
        return true_pairs(self.proposal.identities, "canonical_id")

    def precision_recall(self, pairs=None):
        pairs = self.proposed if pairs is None else pairs
        both = len(pairs & self.truth)
        return both / len(pairs), both / len(self.truth)


def judge(folder, language="both", n_people=2_000, **options) -> Judged:
    """Simulate, write the file, propose."""
    records = simulate(n_people, seed=1, language=language)
    records[["id", "name", "phone", "email", "address"]].to_csv(folder / "customers.csv", index=False)
    out = folder / "identities.csv"
    return Judged(records, linkage.propose(folder / "customers.csv", out=out, **options), out)


@pytest.fixture(scope="session")
def judged(tmp_path_factory) -> Judged:
    """2,000 people of both languages, all pairs above 1 % listed."""
    return judge(tmp_path_factory.mktemp("linkage"), review_threshold=0.01)


@pytest.fixture
def propose(tmp_path):
    """Propose links among rows written to a file; each call has outputs of its own."""
    calls = []

    def run(rows, **options):
        calls.append(rows)
        pd.DataFrame(rows).to_csv(tmp_path / "customers.csv", index=False)
        out = tmp_path / f"identities{len(calls)}.csv"
        return linkage.propose(tmp_path / "customers.csv", out=out, **options)

    return run
