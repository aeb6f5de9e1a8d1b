"""How well pages are read: texts, dates, headlines and bylines against labelled pages, beside other extractors."""
