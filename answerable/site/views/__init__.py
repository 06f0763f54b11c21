"""Pages: each reads, shows, and hands what a person decides to an action. One file per noun."""
