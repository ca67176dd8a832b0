"""From the senders into raw: files that are whole are taken in unchanged, once, and logged."""
