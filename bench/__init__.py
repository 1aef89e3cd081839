"""Measures antennactl and its peers side by side on services and data of its own (`make bench`)."""
