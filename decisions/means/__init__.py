"""What an enterprise owns: net assets, machines and workshops (regulations E24-E26)."""
