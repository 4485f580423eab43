"""Whether a recipe may be served, and whether it may stay: evidence that grows bar by bar, and what it costs to ask.

Pure mathematics over plain numbers: who stores them, who acts on them and who tells people is elsewhere.
"""
