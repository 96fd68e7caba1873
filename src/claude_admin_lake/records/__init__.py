"""From raw API records to the JSON lines of an object."""
