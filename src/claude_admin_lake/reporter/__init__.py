"""Reports without being asked: the page, the dashboard's widgets, the digest and the alerts."""
