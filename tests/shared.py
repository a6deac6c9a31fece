"""What several tests share."""

DRAWS = 256  # one chunk: fewer draws would compile and run the same
