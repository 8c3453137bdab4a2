"""What the charts and the timeline share: axes, the view under the pointer, saving."""
