"""What a person at a terminal sees: errors, progress, pages, and the summary of the whole."""
