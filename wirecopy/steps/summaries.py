"""What a task did, in one line for people: the last line of its log, and the note of its run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from wirecopy.records import Deduped, Indexed, MatchedDate, Planned, Report, Reprocessed, Watched

NAMED: Final = 5  # dates or outcomes that a line names
METRICS: Final = "wirecopy"  # how the names of metrics begin, after Airflow's own prefix
STORED: Final = ("stored", "revised")


def summary(task: str, result: Any) -> str:
    """The line of *task* (a name of SUMMARIES) for its *result*."""
    return SUMMARIES[task](result)


def of_plan(planned: Planned) -> str:
    """How much there is to do."""
    run = planned["run"]
    span = f"{run['mode']} run of {_minute(run['start'])} … {_minute(run['end'])} UTC"
    if not run["shards"]:
        return f"{span}: nothing is due"
    return f"{span}: {_count(run['due_feeds'], 'feed')} to read, in {_count(run['shards'], 'shard')}"


def of_publish(report: Report) -> str:
    """Entries, outcomes and articles of a run."""
    outcomes = report["outcomes"]
    new, revised = (outcomes.get(code, 0) for code in STORED)
    parts = [
        f"{_count(report['seen'], 'entry', 'entries')} seen, {report['tried']:,} tried",
        f"{_count(new, 'new article')}, {revised:,} revised",
    ]
    others = {code: count for code, count in outcomes.items() if code not in STORED}
    if others:
        parts.append(f"other outcomes: {_largest(others)}")
    if report["unread_feeds"]:
        parts.append(f"{report['unread_feeds']} of {_count(report['due_feeds'], 'feed')} could not be read")
    parts.append(f"changed: {_dates(report['dates'])}" if report["dates"] else "no date changed")
    return "; ".join(parts)


def of_dedupe(done: Deduped) -> str:
    """Copies of the dates that were computed."""
    left = f"; still out of date: {_dates(done['left'])}" if done["left"] else ""
    if not done["dates"]:
        why = "another dedupe is at work and looks once more" if done["busy"] else "no date was to be computed"
        return why + left
    return (
        f"{_count(done['copies'], 'copy', 'copies')} in {_count(done['clusters'], 'cluster')}, "
        f"{_count(done['matches'], 'match', 'matches')} ({done['withdrawn']:,} withdrawn); "
        f"computed: {_dates(done['dates'])}{left}"
    )


def of_match(done: MatchedDate) -> str:
    """What was found for one date."""
    if done["inputs"] is None:
        return f"{done['date']} changed meanwhile: dedupe computes it"
    return f"{_count(done['matches'], 'match', 'matches')} on {done['date']}, in {done['cpu']:.1f} s of CPU"


def of_reprocess(done: Reprocessed) -> str:
    """What was done again, or would be."""
    size = f"{_count(done['dates'], 'date')}" if "dates" in done else f"{_count(done.get('pages', 0), 'captured page')}"
    if done["dry_run"]:
        return f"dry run: {size} would be done again; nothing was changed"
    outcomes = done.get("outcomes")
    parts = [f"{size} done again", f"outcomes: {_largest(outcomes)}" if outcomes else ""]
    copies = done.get("dedupe")
    return "; ".join(part for part in [*parts, of_dedupe(copies) if copies else ""] if part)


def of_counts(counts: Mapping[str, int]) -> str:
    """Small counts, by name, without zeros."""
    return ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in counts.items() if count) or "nothing"


def of_check(files: Mapping[str, int]) -> str:
    """A store that is sound, and how large it is."""
    return f"the store is sound; files: {of_counts(files)}"


def of_removal(removed: Mapping[str, int]) -> str:
    """What was removed of raw/."""
    return f"removed from raw/: {of_counts(removed)}"


def of_digest(digest: Mapping[str, Any]) -> str:
    """How many feeds need a look, and what waits."""
    feeds = {name.removesuffix("_feeds"): len(found) for name, found in digest.items() if name.endswith("_feeds")}
    odd = of_counts(feeds)
    waits = of_counts({name: count for name, count in digest.items() if isinstance(count, int)})
    return f"feeds to look at: {odd}; waiting: {waits}"


def of_index(done: Indexed) -> str:
    """Dates whose words were indexed."""
    return f"words indexed: {_dates(done['made'])}" if done["made"] else "the words of all past dates are indexed"


def of_dates(dates: Sequence[str]) -> str:
    """Dates that wait for their copies."""
    return f"copies are out of date: {_dates(dates)}" if dates else "all copies are up to date"


def of_alarms(watched: Watched) -> str:
    """How many alarms stand, and what is new."""
    new = Counter(event["event"] for event in watched["events"])
    return f"{_count(watched['open'], 'open alarm')}" + (f"; {of_counts(new)}" if new else "; nothing new")


def counters(task: str, result: Any) -> dict[str, int]:
    """What a run adds to the metrics, by name; zeros are left out."""
    if task == "publish":
        found = {f"outcomes.{code}": count for code, count in result["outcomes"].items()}
        found |= {"entries.seen": result["seen"], "entries.tried": result["tried"]}
        found |= {"articles.stored": result["outcomes"].get("stored", 0), "feeds.unread": result["unread_feeds"]}
    elif task == "dedupe":
        found = {name: result[name] for name in ("matches", "copies", "clusters")}
    else:
        found = {}
    return {f"{METRICS}.{name}": count for name, count in found.items() if count}


def gauges(task: str, result: Any) -> dict[str, int]:
    """What stands now, by name."""
    if task == "alarms":
        return {f"{METRICS}.alarms.open": result["open"]}
    if task == "dedupe":
        return {f"{METRICS}.dates.out_of_date": len(result["left"])}
    return {}


SUMMARIES: Final[Mapping[str, Callable[[Any], str]]] = {
    "plan": of_plan,
    "pull": of_counts,
    "publish": of_publish,
    "verdict": of_publish,
    "match_date": of_match,
    "dedupe": of_dedupe,
    "reprocess": of_reprocess,
    "remove_old_raw": of_removal,
    "check_store": of_check,
    "health_digest": of_digest,
    "index_texts": of_index,
    "wake": of_dates,
    "alarms": of_alarms,
}


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _dates(dates: Sequence[str]) -> str:
    """The dates, or of many the first and the last one and how many there are."""
    return ", ".join(dates) if len(dates) <= NAMED else f"{len(dates)} dates, {dates[0]} … {dates[-1]}"


def _largest(counts: Mapping[str, int]) -> str:
    """The largest counts, by name."""
    ordered = sorted(counts.items(), key=lambda pair: -pair[1])
    more = f" and {len(ordered) - NAMED} more codes" if len(ordered) > NAMED else ""
    return ", ".join(f"{code} {count:,}" for code, count in ordered[:NAMED]) + more


def _minute(instant: str) -> str:
    return instant[:16].replace("T", " ")
