"""The lines of a signature, as points from the upper left corner of what is signed on."""

LINES = (((40, 90), (90, 40), (140, 120)), ((160, 80), (260, 100)))
