"""Texts of our own for the commands that show copies: reworded, quoted, right to left, hostile, huge."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def _lines(text: str) -> str:
    """*text* without its line breaks; a slash at the end of a line keeps one, as between paragraphs."""
    return text.replace("\n", " ").replace("/ ", "\n")


WIRE = _lines("""\
PORT ALDEN (Meridian Wire) – The harbour authority of Port Alden will close its northern basin for
eleven weeks while divers repair the sluice gates that the January storm tore from their hinges,
officials said on Tuesday./
"Nobody will lose a berth, and nobody will pay twice," harbour master Ilse Brandt told reporters at
the grain quay./
Ferries to the outer islands will leave from the grain quay instead, and fishing boats have been
told to land their catch at Skerrow. The repair is expected to cost four million crowns, half of it
paid by insurers.""")
REWORDED = _lines("""\
Officials announced on Tuesday that the northern basin of Port Alden will be shut for eleven weeks
while divers repair the sluice gates that the January storm tore from their hinges. Island ferries
will leave from the grain quay instead, and fishing boats have been told to land their catch at
Skerrow./
"Nobody will lose a berth, and nobody will pay twice," said Ilse Brandt, who runs the harbour. Half
of the expected cost of four million crowns will be paid by insurers, the harbour authority said.
(Meridian Wire)""")
PERSIAN = _lines("""\
اداره بندر آلدن اعلام کرد حوضچه شمالی به مدت یازده هفته بسته می‌ماند تا غواصان دریچه‌هایی را که
توفان ژانویه از لولا کنده بود تعمیر کنند. کشتی‌های مسافربری جزیره‌ها از اسکله غله حرکت خواهند کرد و
به قایق‌های ماهیگیری گفته شده است که صید خود را در اسکرو تخلیه کنند. هزینه تعمیر چهار میلیون کرون
برآورد شده است که نیمی از آن را شرکت‌های بیمه می‌پردازند. رئیس بندر گفت هیچ قایقی جای خود را از دست
نخواهد داد و هیچ‌کس دو بار پول نخواهد پرداخت. کارهای تعمیر از روز دوشنبه آغاز می‌شود و شورای شهر هر
هفته از پیشرفت آن گزارش می‌گیرد.""")
CHINESE = (
    "奥尔登港务局周二宣布，北港池将关闭十一周，以便潜水员修复一月风暴从铰链上扯下的水闸门。前往外岛的渡轮"
    "将改从粮食码头出发，渔船则被要求在斯凯罗卸下渔获。维修费用预计为四百万克朗，其中一半由保险公司支付。"
    "港务局长伊尔莎·布兰特表示，没有人会失去泊位，也没有人需要付两次钱。工程将于下周一开始，市议会每周听"
    "取一次进度报告。居民可以在市政厅查阅施工图纸，并在月底之前提出意见。"
)
ATTACK = """<script>document.title = "owned"</script> & "quotes" <img src=x onerror=alert(1)> </style></mark></p>"""
PEARS = """A record crop of pears has left growers in the Ellmark valley short of crates. The cooperative
rented two barns last week and asked schools for help with the picking. Prices fell by a fifth
within ten days, and the juice works at Lower Ellmark runs through the night."""


def row(name: str, text: str, publisher: str | None, hour: int, **more: Any) -> dict[str, Any]:
    """One article of a collection, of 22 November 2026."""
    return {"id": name, "text": text, "publisher": publisher, "published_at": f"2026-11-22T{hour:02}:10:00Z", **more}


HARBOUR = [
    row("wire", WIRE, "Meridian Wire", 9, agency="Meridian Wire", title="Northern basin to close for eleven weeks"),
    row("gazette", REWORDED, "Harbor Gazette", 8, agency="Meridian Wire", title="Eleven weeks without a basin"),
    row("courier", WIRE, "Courier", 11, title="Basin closes"),
    row("second", WIRE + "\nThe council meets on Friday.", "Harbor Gazette", 12, title="Basin: what we know"),
    row("pears", PEARS, "Courier", 10, title="Pears without crates"),
]
HOSTILE = [
    row("plain<b>", f"{ATTACK}\n{WIRE}", f"{ATTACK} Post", 9, title=ATTACK, url="javascript:alert(1)"),
    row("‮reversed", f"{REWORDED}\n{ATTACK}\0\x08", "‮Reversed", 10, title="\u202egnihsilbup"),
    row("fa-1", PERSIAN, "روزنامه بندر", 9, title="حوضچه شمالی بندر آلدن یازده هفته بسته می‌ماند", language="fa"),
    row("fa-2", f"{PERSIAN}\nپایان خبر.", "خبرگزاری ساحل", 11, title="تعطیلی یازده هفته‌ای حوضچه شمالی", language="fa"),
    row("zh-1", CHINESE, "海港日报", 9, title="北港池关闭十一周", language="zh"),
    row("zh-2", f"本报讯 {CHINESE}", "岛屿晚报", 10, title="维修水闸 港池停用", language="zh"),
    row("huge", f"{PEARS}\n{'unbroken' * 60_000}\n{'Word after word. ' * 20_000}", "Bulk Weekly", 9, title="H" * 900),
    row("huger", f"{PEARS}\n{'Other word, other day. ' * 20_000}", "Bulk Daily", 10),
]


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    """*rows* as a .jsonl file."""
    path.write_text("\n".join(json.dumps(one, ensure_ascii=False) for one in rows), encoding="utf-8")
    return path
