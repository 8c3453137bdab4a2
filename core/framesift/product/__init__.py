"""What Framesift is as a product: its data files, licences, crash reports, and how its packages
load."""
