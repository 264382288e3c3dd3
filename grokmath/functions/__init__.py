"""The special functions of the field, each certified to any precision and in float64."""
