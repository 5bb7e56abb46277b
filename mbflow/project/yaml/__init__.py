"""YAML read as the 1.2 core, with a place for everything and a problem for all that is odd."""
