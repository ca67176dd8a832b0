"""How the page marks on what basis something stands; its first lines say what a mark means."""

MARKS = {"seen": "●", "recalled": "○", "unknown": "?"}
