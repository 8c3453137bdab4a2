"""How buttons show that they are on."""

TOOLS = """
QToolButton { border: 1px solid palette(mid); border-radius: 4px; padding: 3px 4px; }
QToolButton:focus { border-color: palette(highlight); }
QToolButton:checked, QPushButton:checked { background: palette(highlight);
  color: palette(highlighted-text); border-color: palette(highlight); }
"""
FLAT = TOOLS.replace("1px solid palette(mid)", "1px solid transparent", 1)
"""For buttons in a bar, without edges until they are on."""
