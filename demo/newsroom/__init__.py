"""A small invented news world behind real HTTP: publishers, feeds, pages, and the truth about who copied whom."""

from demo.newsroom.newsroom import Newsroom
from demo.newsroom.sockets import NewsroomError
from demo.newsroom.truth import Truth, copy_pairs, independent_pairs, template_pairs
from demo.newsroom.world import World, WorldError, load_world

__all__ = [
    "Newsroom",
    "NewsroomError",
    "Truth",
    "World",
    "WorldError",
    "copy_pairs",
    "independent_pairs",
    "load_world",
    "template_pairs",
]
