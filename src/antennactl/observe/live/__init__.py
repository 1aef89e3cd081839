"""Facts in, a picture of a few lines on a terminal out that is drawn again and again; lines of text go above it."""
