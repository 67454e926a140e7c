"""How far can the calls be trusted? Measured on the 1000 Genomes files, with held-out frequencies."""
