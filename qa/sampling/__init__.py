"""Which conversations people read, who reads them, and what the readings tell about all of them.

`allocate` says how many of each stratum, `draw` which ones, `assign` who reads them, `estimate` what
follows, and how surely. All are pure: chance comes in only through a seed, so that anyone who has the
frame and the seed can repeat a draw on any machine, in any order of rows.
"""
