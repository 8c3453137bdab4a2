"""What the packaged Framesift is made of; used by package.py, framesift.spec and release.py."""
