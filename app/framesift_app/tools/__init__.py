"""Commands for those who work on the application: measurements, pictures."""
