"""The Exhibits page: the list, one exhibit in detail, and the intake of images."""
