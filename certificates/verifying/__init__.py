"""Whether a file is the certificate in force: its seal, its place in the register, its end."""
