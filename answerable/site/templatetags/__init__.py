"""How values are shown on a page."""
