"""The outside world to plain tables: files, engines, CAVE, datasets, generated data."""
