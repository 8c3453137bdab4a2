"""The smoke test of a packaged Framesift; smoke.py runs it. Standard library only."""
