"""Our speed beside a rival's, both measured in the same run. `make bench` prints the ratios."""
