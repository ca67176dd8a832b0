"""From raw into the four base databases: what rows mean, who is believed, what is set apart."""
