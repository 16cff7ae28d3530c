"""How often does every p-value and interval of the library err? Seeded simulations that count."""
