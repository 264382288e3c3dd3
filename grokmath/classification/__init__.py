"""The classification paper: grokking at the edge of linear separability."""
