"""Front doors and the one assembler behind them (internal)."""
