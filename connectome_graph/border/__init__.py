"""What every function checks: arguments, atomic writes, progress (internal)."""
