"""Matches of made-up news: each relation, and what a date's matches are a function of."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dedupe.compare import compare, compare_closely
from dedupe.errors import DuplicateIdError, MixedDatesError
from dedupe.matching import find_matches
from dedupe.records import ArticleText, in_order

from .conftest import FIRST_DAY, invent, reword_text
