"""What happened, in order, for ever: entries, hash tree, holdings, verification. Pure: no clock, no chance."""
