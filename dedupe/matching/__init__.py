"""From articles to matches. In: articles of a window, and the date to decide. Out: matches with relation, probability
and evidence (`matching`), two articles compared (`compare`), and what the store keeps of a text (`sketches`).
"""
